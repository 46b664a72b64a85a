import { type SubmitEvent, type ReactElement, useState } from 'react'
import { useFleetEvents } from '../data/fleet-client.ts'
import {
  absoluteRange,
  describeInterval,
  describeRange,
  parseInstant,
  parseRangeText,
  RANGE_PRESETS,
  type TimeRange,
} from '../data/time-range.ts'
import { useView, type View } from '../data/view.tsx'
import { toDay, toTimeOfDay, zoneName } from '../format/zone.ts'
import { Segmented } from '../parts/controls.tsx'
import { Chevron, Icon } from '../parts/icon.tsx'
import { Popover } from '../parts/popover.tsx'
import { useCommands } from './commands.ts'

const AROUND_MS = 15 * 60_000
const EVENTS = 4

export function TimePicker(): ReactElement {
  const view = useView()
  const { timeRequest } = useCommands()
  return (
    <Popover
      label="Time range"
      className="select-button"
      align="right"
      openRequest={timeRequest}
      face={
        <>
          <Icon name="clock" />
          <b>{describeRange(view.range, view.interval)}</b>
          <span className="text-3 time-interval">{describeInterval(view.interval, view.nowMs, view.zone)}</span>
          <Chevron />
        </>
      }
    >
      {(close) => <TimeForm view={view} close={close} />}
    </Popover>
  )
}

function TimeForm({ view, close }: { readonly view: View; readonly close: () => void }): ReactElement {
  const { interval, range, zone, nowMs } = view
  const write = (ms: number): string => `${toDay(ms, zone)} ${toTimeOfDay(ms, zone)}`
  const [typed, setTyped] = useState('')
  const [from, setFrom] = useState(range.from.startsWith('now') ? range.from : write(interval.fromMs))
  const [to, setTo] = useState(range.to.startsWith('now') ? range.to : write(interval.toMs))
  const [complaint, setComplaint] = useState<string>()
  const choose = (next: TimeRange): void => {
    view.setRange(next)
    close()
  }
  const apply = (event: SubmitEvent): void => {
    event.preventDefault()
    const now = Date.now()
    const wanted = typed.trim() === '' ? `${from} to ${to}` : typed
    const parsed = parseRangeText(wanted, now, zone)
    if (parsed === undefined) {
      setComplaint(complain(from, to, typed, now))
      return
    }
    choose(parsed)
  }
  return (
    <div className="time-form">
      <form onSubmit={apply}>
        <input
          className="input"
          aria-label="Range"
          placeholder="last 90m"
          // The field is why one opened this.
          autoFocus
          value={typed}
          onChange={(event) => setTyped(event.target.value)}
        />
        <p className="label">
          Type a range, such as <code>last 90m</code> or <code>02:30 to 03:10</code>
        </p>
        <div className="time-ends">
          <label>
            <span className="label">From</span>
            <input className="input mono-input" value={from} onChange={(event) => setFrom(event.target.value)} />
          </label>
          <label>
            <span className="label">To</span>
            <input className="input mono-input" value={to} onChange={(event) => setTo(event.target.value)} />
          </label>
        </div>
        {complaint === undefined ? null : (
          <p className="status-silent" role="alert">
            {complaint}
          </p>
        )}
        <AroundEvents choose={choose} view={view} />
        <div className="time-foot">
          <Segmented
            label="Zone"
            value={zone}
            onChange={view.setZone}
            options={[
              { value: 'utc', face: 'UTC' },
              { value: 'local', face: `Local, ${zoneName('local', nowMs)}` },
            ]}
          />
          <span className="grow" />
          <button type="submit" className="button button-primary">
            Apply
          </button>
        </div>
      </form>
      <ul className="time-presets" aria-label="Relative ranges">
        {RANGE_PRESETS.map((preset, index) => (
          <li key={preset.words}>
            <button
              type="button"
              aria-current={preset.range.from === range.from && preset.range.to === range.to}
              onClick={() => choose(preset.range)}
            >
              {preset.words}
              {index < 8 ? <kbd>{index + 1}</kbd> : null}
            </button>
          </li>
        ))}
      </ul>
    </div>
  )
}

function AroundEvents(props: {
  readonly view: View
  readonly choose: (range: TimeRange) => void
}): ReactElement | null {
  const events = useFleetEvents(EVENTS)
  if (events.length === 0) return null
  return (
    <div className="around">
      <p className="label">Around an event</p>
      {events.map((event) => (
        <button
          key={`${event.atMs}${event.cluster}`}
          type="button"
          onClick={() => props.choose(absoluteRange({ fromMs: event.atMs - AROUND_MS, toMs: event.atMs + AROUND_MS }))}
        >
          <span className="cut">
            {event.cluster} {event.message}
          </span>
          <span className="text-3">{toTimeOfDay(event.atMs, props.view.zone, 'minute')} ±15 min</span>
        </button>
      ))}
    </div>
  )
}

function complain(from: string, to: string, typed: string, nowMs: number): string {
  if (typed.trim() !== '') return `“${typed}” is no range. Write last 90m, 02:30 to 03:10, or today.`
  const wrong = [from, to].find((end) => parseInstant(end, nowMs, 'utc') === undefined)
  return wrong === undefined
    ? 'The range ends before it begins.'
    : `“${wrong}” is no time. Write 2026-11-20 02:12, now or now-1h.`
}
