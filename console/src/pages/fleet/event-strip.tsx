import type { ReactElement } from 'react'
import type { FleetEvent, FleetSnapshot } from '../../data/fleet-client.ts'
import { toDuration, toText } from '../../format/quantity.ts'
import { toClock } from '../../format/time.ts'
import { EventMark } from '../../parts/event-mark.tsx'
import { placeMarks, tellNews, wordsOf } from './events.ts'
import { ticksOf, windowOf } from './time-window.ts'

/** How many events are told in words; all of them stand on the line. */
const NEWS = 3
/** Of one mark, in its tooltip. */
const TITLE_LINES = 12
/** Marks are 14 px wide on a line of some 900 px. */
const MARKS_PER_LINE = 64

/** What happened lately, on one line of time; what the hub cannot know, because it did not run, is hatched. */
export function EventStrip({ snapshot }: { readonly snapshot: FleetSnapshot }): ReactElement {
  const { nowMs, hub } = snapshot
  const span = windowOf(snapshot)
  const startMs = nowMs - span.lengthMs
  const events = snapshot.events.filter(({ atMs }) => atMs >= startMs)
  const news = tellNews(events, NEWS)
  const left = (atMs: number): string => `${((100 * (atMs - startMs)) / span.lengthMs).toFixed(2)}%`
  return (
    <section className="events" aria-label="Events">
      <div className="events-name">
        <div className="label text-2">Events</div>
        <div className="label">last {toText(toDuration(span.lengthMs))}</div>
      </div>
      <div className="events-track">
        {/* Newest first in the source: a line that is full drops the oldest whole, and cuts none. */}
        <div className="events-words">
          {news.map(({ atMs, glyph, text }) => (
            <span key={`${atMs}${text}`} className={`tone-${glyph}`}>
              {toClock(atMs, nowMs, false)} {text}
            </span>
          ))}
          {news.length === 0 ? <span className="text-3">nothing happened</span> : null}
        </div>
        <div className="events-line">
          {hub.startedAtMs > startMs ? (
            <span
              className="events-before hatch"
              style={{ width: left(hub.startedAtMs) }}
              title={`The hub started at ${toClock(hub.startedAtMs, nowMs)}.`}
            />
          ) : null}
          {placeMarks(events, span.lengthMs / MARKS_PER_LINE).map(({ atMs, glyph, events: marked }) => (
            <span
              key={atMs}
              className={`event tone-${glyph}`}
              style={{ left: left(atMs) }}
              title={titleOf(marked, nowMs)}
            >
              <EventMark glyph={glyph} />
            </span>
          ))}
        </div>
        <div className="events-ticks" aria-hidden="true">
          {ticksOf(startMs, span).map((atMs) => (
            <span key={atMs} className="tick" style={{ left: left(atMs) }}>
              {toClock(atMs, nowMs, false)}
            </span>
          ))}
        </div>
      </div>
    </section>
  )
}

function titleOf(events: readonly FleetEvent[], nowMs: number): string {
  const lines = events
    .slice(-TITLE_LINES)
    .map((event) => `${toClock(event.atMs, nowMs)} ${event.cluster} ${wordsOf(event)}`)
  const more = events.length - lines.length
  return [...(more > 0 ? [`${more} before`] : []), ...lines].join('\n')
}
