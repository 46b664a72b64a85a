import { type ReactElement, useEffect, useRef } from 'react'
import { Icon } from '../parts/icon.tsx'
import { KEY_HELP } from './keys.ts'

export function KeysDialog({ onClose }: { readonly onClose: () => void }): ReactElement {
  const dialog = useRef<HTMLDialogElement>(null)
  useEffect(() => {
    dialog.current?.showModal()
  }, [])
  return (
    <dialog ref={dialog} className="dialog" aria-label="All keys" onClose={onClose}>
      <header className="dialog-head">
        <h2>All keys</h2>
        <button type="button" className="button button-icon button-ghost" onClick={onClose} aria-label="Close">
          <Icon name="close" size={12} />
        </button>
      </header>
      <dl className="keys-list">
        {KEY_HELP.map(({ keys, words }) => (
          <div key={words}>
            <dt>
              {keys.map((key) => (
                <kbd key={key}>{key}</kbd>
              ))}
            </dt>
            <dd>{words}</dd>
          </div>
        ))}
      </dl>
    </dialog>
  )
}
