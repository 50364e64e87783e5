import type { Verb } from '@/api/types'
import type { Key } from '@/i18n'

/** One entry of the navigation: a page, the right it needs, a drawing of 24 × 24. */
export interface NavEntry {
  name: string
  title: Key
  verb: Verb
  path: string
}

/** Entries that belong together, by what somebody is about to do. */
export interface NavGroup {
  title: Key
  entries: readonly NavEntry[]
}

/** What a guard needs stands first: a phone shows the first four pages as tabs. */
export const groups: readonly NavGroup[] = [
  {
    title: 'nav.watch',
    entries: [
      {
        name: 'wall',
        title: 'wall.title',
        verb: 'devices.see',
        path: 'M3 4h8v7H3zM13 4h8v7h-8zM3 13h8v7H3zM13 13h8v7h-8z',
      },
      {
        name: 'booth',
        title: 'booth.title',
        verb: 'devices.see',
        path: 'M4 20V9l8-5 8 5v11ZM4 13h16M9 20v-7M15 20v-7',
      },
      {
        name: 'alarms',
        title: 'alarms.title',
        verb: 'devices.see',
        path: 'M5 17v-6a7 7 0 0 1 14 0v6l2 2H3ZM10 21.500h4',
      },
      {
        name: 'safety',
        title: 'safety.title',
        verb: 'devices.see',
        path: 'M12 3 20 6v6c0 5-3.500 8-8 9-4.500-1-8-4-8-9V6ZM12 8v5M12 16v.5',
      },
      {
        name: 'plans',
        title: 'plans.title',
        verb: 'devices.see',
        path: 'M3 6l6-2 6 2 6-2v14l-6 2-6-2-6 2ZM9 4v14M15 6v14',
      },
    ],
  },
  {
    title: 'nav.plan',
    entries: [
      {
        name: 'timetables',
        title: 'timetables.title',
        verb: 'devices.see',
        path: 'M3 4h18v16H3ZM3 9h18M9 4v16M15 4v16M10.500 12h3v5h-3z',
      },
      {
        name: 'schedules',
        title: 'schedules.title',
        verb: 'devices.see',
        path: 'M12 21a9 9 0 1 0 0-18 9 9 0 0 0 0 18ZM12 7v5l4 2',
      },
      {
        name: 'calendar',
        title: 'calendar.title',
        verb: 'devices.see',
        path: 'M4 5h16v16H4ZM4 10h16M8 2v5M16 2v5M8 14h.5M12 14h.5M16 14h.5M8 17.500h.5M12 17.500h.5',
      },
      {
        name: 'batches',
        title: 'batches.title',
        verb: 'devices.see',
        path: 'M4 6h10M4 12h10M4 18h10M17 8l4 4-4 4',
      },
    ],
  },
  {
    title: 'nav.look',
    entries: [
      {
        name: 'events',
        title: 'events.title',
        verb: 'devices.see',
        path: 'M4 5h3M10 5h10M4 12h3M10 12h10M4 19h3M10 19h10',
      },
      {
        name: 'replay',
        title: 'replay.title',
        verb: 'devices.see',
        path: 'M4 5v5h5M4.500 10a8 8 0 1 1-.5 4M12 8v4.500l3 2',
      },
      {
        name: 'pictures',
        title: 'pictures.title',
        verb: 'devices.see',
        path: 'M3 7h4l2-3h6l2 3h4v13H3ZM12 17a4 4 0 1 0 0-8 4 4 0 0 0 0 8Z',
      },
      {
        name: 'shifts',
        title: 'shifts.title',
        verb: 'devices.see',
        path: 'M9 11a4 4 0 1 0 0-8 4 4 0 0 0 0 8ZM2 21a7 7 0 0 1 11-5.700M17 13v4l3 2M17 23a6 6 0 1 0 0-12 6 6 0 0 0 0 12Z',
      },
      {
        name: 'ledger',
        title: 'ledger.title',
        verb: 'ledger.see',
        path: 'M6 3h12v18l-3-2-3 2-3-2-3 2ZM9 8h6M9 12h6',
      },
      {
        name: 'statistics',
        title: 'statistics.title',
        verb: 'devices.see',
        path: 'M4 20V10M10 20V4M16 20v-7M22 20H2',
      },
      {
        name: 'audit',
        title: 'pages.audit.title',
        verb: 'audit.see',
        path: 'M8 6h12M8 12h12M8 18h12M4 6h.5M4 12h.5M4 18h.5',
      },
    ],
  },
  {
    title: 'nav.setUp',
    entries: [
      {
        name: 'registry',
        title: 'registry.title',
        verb: 'devices.manage',
        path: 'M5 21V9h4v12M3 21h8M8 11l13-6M16 21h5',
      },
      {
        name: 'people',
        title: 'people.title',
        verb: 'access.manage',
        path: 'M9 11a4 4 0 1 0 0-8 4 4 0 0 0 0 8ZM2 21a7 7 0 0 1 14 0M17 11a3 3 0 1 0 0-6M22 19a5 5 0 0 0-4-5',
      },
      {
        name: 'booths',
        title: 'booths.title',
        verb: 'access.manage',
        path: 'M3 11 12 4l9 7M5 10v10h14V10M9 20v-6h6v6',
      },
      {
        name: 'integrators',
        title: 'pages.integrators.title',
        verb: 'access.manage',
        path: 'M9 3v5M15 3v5M6 8h12v4a6 6 0 0 1-12 0ZM12 18v3',
      },
      {
        name: 'tokens',
        title: 'tokens.title',
        verb: 'access.manage',
        path: 'M15 3a6 6 0 1 1-5.700 8L3 17.500V21h4v-3h3v-3h2.500M16.500 7.500v.01',
      },
      {
        name: 'broker',
        title: 'broker.title',
        verb: 'broker.see',
        path: 'M12 12m-3 0a3 3 0 1 0 6 0a3 3 0 1 0-6 0M5 5l4.500 4.500M19 5l-4.500 4.500M5 19l4.500-4.500M19 19l-4.500-4.500',
      },
      {
        name: 'system',
        title: 'system.title',
        verb: 'broker.see',
        path: 'M4 4h16v7H4ZM4 13h16v7H4ZM8 7.500h.5M8 16.500h.5M12 7.500h5M12 16.500h5',
      },
      {
        name: 'quarantine',
        title: 'pages.quarantine.title',
        verb: 'devices.manage',
        path: 'M12 3 22 20H2ZM12 10v4M12 17v.5',
      },
    ],
  },
]

/** Pages that are part of an entry's: its link is marked on them too. */
const inside: Record<string, string> = {
  device: 'wall',
  devicePage: 'wall',
  newDevice: 'registry',
  onboarding: 'registry',
  shift: 'shifts',
  alarm: 'alarms',
  brokerClient: 'broker',
  scheduleHistory: 'schedules',
  reports: 'statistics',
  timetable: 'timetables',
  newTimetable: 'timetables',
}

/** The entry that a page belongs to. */
export const entryOf = (route: unknown): string => inside[String(route)] ?? String(route)
