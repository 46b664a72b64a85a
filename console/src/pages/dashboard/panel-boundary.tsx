import { Component, type ReactNode } from 'react'
import { Failure } from '../../parts/states.tsx'

/** What goes wrong in one panel stays in it. Another `subject` (other data, another panel) is tried again. */
export class PanelBoundary extends Component<
  { readonly subject: unknown; readonly children: ReactNode },
  { readonly reason: unknown }
> {
  override state: { readonly reason: unknown } = { reason: undefined }

  static getDerivedStateFromError(reason: unknown): { readonly reason: unknown } {
    return { reason: reason ?? new Error('This panel could not be drawn.') }
  }

  override componentDidUpdate(before: { readonly subject: unknown }): void {
    if (this.state.reason !== undefined && before.subject !== this.props.subject) this.setState({ reason: undefined })
  }

  override render(): ReactNode {
    if (this.state.reason === undefined) return this.props.children
    return <Failure reason={this.state.reason} onRetry={() => this.setState({ reason: undefined })} />
  }
}
