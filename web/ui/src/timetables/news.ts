import { layers, today } from '@/live/state'

/** What the feed tells of timetables: it is another text once one of them switched something. */
export const switched = (): string =>
  [
    ...layers
      .all()
      .filter((l) => l.layer === 'schedule')
      .map((l) => `${l.id}${l.revision}`),
    ...today.all().map((d) => `${d.site}${d.switches}${d.switchesSkipped}`),
  ].join()
