import type { ReactElement } from 'react'
import type { FleetEvent, FleetSnapshot } from '../../data/fleet-client.ts'
import { toClock } from '../../format/time.ts'

/** How many events are spelled out; all of them stand on the line. */
const WORDS = 3

/** What happened since the hub started, at most the last hour, on one line of time. */
export function EventStrip({ snapshot }: { readonly snapshot: FleetSnapshot }): ReactElement {
  const startMs = Math.max(snapshot.hub.startedAtMs, snapshot.nowMs - 3_600_000)
  const spanMs = Math.max(1, snapshot.nowMs - startMs)
  const events = snapshot.events.filter(({ atMs }) => atMs >= startMs)
  const left = (atMs: number): string => `${((100 * (atMs - startMs)) / spanMs).toFixed(2)}%`
  return (
    <section className="events" aria-label="Events">
      <span className="label">
        Events
        <br />
        since {toClock(startMs, snapshot.nowMs, false)}
      </span>
      <div className="events-track">
        <div className="events-words">
          {events.slice(-WORDS).map((event) => (
            <span key={`${event.atMs}${event.cluster}${event.message}`} className={toneOf(event)}>
              {toClock(event.atMs, snapshot.nowMs, false)} {event.cluster} {event.message}
            </span>
          ))}
          {events.length === 0 ? <span className="text-3">none</span> : null}
        </div>
        <div className="events-line">
          {events.map((event) => (
            <i
              key={`${event.atMs}${event.cluster}${event.message}`}
              className={`event ${toneOf(event)}`}
              style={{ left: left(event.atMs) }}
              title={`${toClock(event.atMs, snapshot.nowMs)} ${event.cluster} ${event.message}`}
            />
          ))}
        </div>
        <div className="events-ticks">
          {[0, 0.25, 0.5, 0.75, 1].map((share) => (
            <span key={share} style={{ left: `${100 * share}%` }} className={`tick tick-${share * 4}`}>
              {toClock(startMs + share * spanMs, snapshot.nowMs, spanMs < 600_000)}
            </span>
          ))}
        </div>
      </div>
    </section>
  )
}

function toneOf({ kind, message }: FleetEvent): string {
  if (kind === 'refused') return 'status-cut-off'
  if (kind !== 'status') return 'text-3'
  const status = ['silent', 'cut off', 'degraded'].find((word) => message.toLowerCase().includes(word))
  return status === undefined ? 'text-3' : `status-${status.replace(' ', '-')}`
}
