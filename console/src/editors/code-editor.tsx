import {
  acceptCompletion,
  autocompletion,
  closeBrackets,
  closeBracketsKeymap,
  completionKeymap,
} from '@codemirror/autocomplete'
import { defaultKeymap, history, historyKeymap } from '@codemirror/commands'
import { bracketMatching } from '@codemirror/language'
import { type Diagnostic, setDiagnostics } from '@codemirror/lint'
import { Annotation, Compartment, EditorState, type Extension } from '@codemirror/state'
import { drawSelection, EditorView, keymap, placeholder } from '@codemirror/view'
import { type ReactElement, useEffect, useRef } from 'react'
import type { ErrorPlace } from './error-position.ts'
import { look } from './look.ts'

/** Marks changes that come from outside: they are not reported back. */
const fromOutside = Annotation.define<boolean>()

interface EditorProps {
  readonly label: string
  readonly value: string
  readonly placeholder?: string
  /** Language and completion; a new one replaces the old without losing the text. */
  readonly language: Extension
  readonly onChange: (value: string) => void
  readonly onRun: () => void
  readonly error?: { readonly place: ErrorPlace; readonly message: string } | undefined
  readonly autoFocus?: boolean
}

/**
 * An editor for one query. It lives in a shadow tree: there its style sheets need no `<style>` element, which the page's
 * security policy forbids. Enter runs, Shift-Enter makes a new line, Tab leaves.
 */
export function CodeEditor(props: EditorProps): ReactElement {
  const host = useRef<HTMLDivElement>(null)
  const view = useRef<EditorView>(undefined)
  const latest = useRef(props)
  const language = useRef(new Compartment())
  useEffect(() => {
    latest.current = props
  })

  useEffect(() => {
    const element = host.current
    if (element === null) return undefined
    const root = element.shadowRoot ?? element.attachShadow({ mode: 'open', delegatesFocus: true })
    const editor = new EditorView({
      root,
      parent: root,
      state: EditorState.create({
        doc: latest.current.value,
        extensions: baseExtensions(latest, language.current),
      }),
    })
    view.current = editor
    if (latest.current.autoFocus === true) editor.focus()
    return () => {
      editor.destroy()
      view.current = undefined
    }
  }, [])

  useEffect(() => {
    view.current?.dispatch({ effects: language.current.reconfigure(props.language) })
  }, [props.language])
  useEffect(() => {
    const editor = view.current
    if (editor === undefined || editor.state.doc.toString() === props.value) return
    editor.dispatch({
      changes: { from: 0, to: editor.state.doc.length, insert: props.value },
      annotations: fromOutside.of(true),
    })
  }, [props.value])
  const { error } = props
  useEffect(() => {
    const editor = view.current
    if (editor === undefined) return
    const length = editor.state.doc.length
    const diagnostics: Diagnostic[] =
      error === undefined || error.place.to > length
        ? []
        : [{ ...error.place, severity: 'error', message: error.message, source: 'hub' }]
    editor.dispatch(setDiagnostics(editor.state, diagnostics))
  }, [error])
  return <div className="editor" ref={host} data-editor={props.label} />
}

function baseExtensions(latest: { readonly current: EditorProps }, language: Compartment): Extension {
  const run = (): boolean => {
    latest.current.onRun()
    return true
  }
  return [
    keymap.of([
      { key: 'Tab', run: acceptCompletion },
      ...completionKeymap,
      { key: 'Enter', run },
      { key: 'Mod-Enter', run },
      ...closeBracketsKeymap,
      ...defaultKeymap.filter(({ key }) => key !== 'Mod-Enter'),
      ...historyKeymap,
    ]),
    history(),
    drawSelection(),
    bracketMatching(),
    closeBrackets(),
    autocompletion({ maxRenderedOptions: 60, icons: false }),
    EditorView.lineWrapping,
    EditorView.contentAttributes.of({
      'aria-label': latest.current.label,
      'aria-multiline': 'true',
      spellcheck: 'false',
      autocapitalize: 'off',
    }),
    placeholder(latest.current.placeholder ?? ''),
    EditorView.updateListener.of((update) => {
      const isOurs = update.transactions.some((one) => one.annotation(fromOutside) === true)
      if (update.docChanged && !isOurs) latest.current.onChange(update.state.doc.toString())
    }),
    look,
    language.of(latest.current.language),
  ]
}
