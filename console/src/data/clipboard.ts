/** The older way to the clipboard, the only one without TLS. */
interface OlderDocument {
  readonly execCommand: (command: 'copy') => boolean
}

/** Puts a text on the clipboard; also where the page is served without TLS, where browsers hide the newer way. */
export async function copyText(text: string): Promise<void> {
  if (window.isSecureContext) {
    await navigator.clipboard.writeText(text)
    return
  }
  const field = document.createElement('textarea')
  field.value = text
  field.className = 'hidden'
  document.body.append(field)
  field.select()
  const older: OlderDocument = document
  older.execCommand('copy')
  field.remove()
}
