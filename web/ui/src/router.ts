import { watch } from 'vue'
import { createRouter, createWebHistory, type RouteRecordRaw } from 'vue-router'
import { onGlobalProblem } from './api/client'
import type { Verb } from './api/types'
import type { Key } from './i18n'
import { onReturned } from './live/live'
import { can, me, meAgain, resume, sessionLost, setupNeeded, unfinished } from './session/session'

declare module 'vue-router' {
  interface RouteMeta {
    /** Anybody may see it. */
    open?: boolean
    /** The right that it needs. */
    verb?: Verb
    title?: Key
  }
}

const routes: RouteRecordRaw[] = [
  {
    path: '/setup',
    name: 'setup',
    component: () => import('./session/SetupPage.vue'),
    meta: { open: true, title: 'session.setup' },
  },
  {
    path: '/login',
    name: 'login',
    component: () => import('./session/LoginPage.vue'),
    meta: { open: true, title: 'session.signIn' },
  },
  {
    path: '/password',
    name: 'password',
    component: () => import('./session/FirstPasswordPage.vue'),
    meta: { title: 'people.mustTitle' },
  },
  {
    path: '/factor',
    name: 'factor',
    component: () => import('./session/FactorPage.vue'),
    meta: { title: 'people.factorTitle' },
  },
  {
    path: '/',
    component: () => import('./shell/Shell.vue'),
    children: [
      {
        path: '',
        name: 'wall',
        component: () => import('./wall/WallPage.vue'),
        meta: { verb: 'devices.see', title: 'wall.title' },
        children: [
          { path: 'devices/:id', name: 'device', component: () => import('./wall/panel/SidePanel.vue'), props: true },
        ],
      },
      {
        path: 'device/:id',
        name: 'devicePage',
        component: () => import('./device/DevicePage.vue'),
        props: true,
        meta: { verb: 'devices.see', title: 'devicePage.title' },
      },
      {
        path: 'shifts',
        name: 'shifts',
        component: () => import('./shifts/ShiftsPage.vue'),
        meta: { verb: 'devices.see', title: 'shifts.title' },
      },
      {
        path: 'shifts/:id',
        name: 'shift',
        component: () => import('./shifts/ShiftPage.vue'),
        props: true,
        meta: { verb: 'devices.see', title: 'shifts.one' },
      },
      {
        path: 'booth',
        name: 'booth',
        component: () => import('./booth/BoothPage.vue'),
        meta: { verb: 'devices.see', title: 'booth.title' },
      },
      {
        path: 'plans/:id?',
        name: 'plans',
        component: () => import('./plans/PlanPage.vue'),
        props: true,
        meta: { verb: 'devices.see', title: 'plans.title' },
      },
      {
        path: 'alarms',
        name: 'alarms',
        component: () => import('./alarms/AlarmsPage.vue'),
        meta: { verb: 'devices.see', title: 'alarms.title' },
      },
      {
        path: 'alarms/:id',
        name: 'alarm',
        component: () => import('./alarms/AlarmPage.vue'),
        props: true,
        meta: { verb: 'devices.see', title: 'alarms.title' },
      },
      {
        path: 'events',
        name: 'events',
        component: () => import('./events/EventsPage.vue'),
        meta: { verb: 'devices.see', title: 'events.title' },
      },
      {
        path: 'replay',
        name: 'replay',
        component: () => import('./replay/ReplayPage.vue'),
        meta: { verb: 'devices.see', title: 'replay.title' },
      },
      {
        path: 'ledger',
        name: 'ledger',
        component: () => import('./ledger/LedgerPage.vue'),
        meta: { verb: 'ledger.see', title: 'ledger.title' },
      },
      {
        path: 'pictures',
        name: 'pictures',
        component: () => import('./pictures/PicturesPage.vue'),
        meta: { verb: 'devices.see', title: 'pictures.title' },
      },
      {
        path: 'statistics',
        name: 'statistics',
        component: () => import('./statistics/StatisticsPage.vue'),
        meta: { verb: 'devices.see', title: 'statistics.title' },
      },
      {
        path: 'reports',
        name: 'reports',
        component: () => import('./reports/ReportPage.vue'),
        meta: { verb: 'devices.see', title: 'reports.title' },
      },
      {
        path: 'schedules/history',
        name: 'scheduleHistory',
        component: () => import('./schedules/ScheduleHistory.vue'),
        meta: { verb: 'devices.see', title: 'schedules.historyTitle' },
      },
      {
        path: 'schedules',
        name: 'schedules',
        component: () => import('./schedules/SchedulesPage.vue'),
        meta: { verb: 'devices.see', title: 'schedules.title' },
      },
      {
        path: 'timetables',
        name: 'timetables',
        component: () => import('./timetables/TimetablesPage.vue'),
        meta: { verb: 'devices.see', title: 'timetables.title' },
      },
      {
        path: 'timetables/new',
        name: 'newTimetable',
        component: () => import('./timetables/TimetablePage.vue'),
        meta: { verb: 'schedules.manage', title: 'timetables.add' },
      },
      {
        path: 'timetables/:id',
        name: 'timetable',
        component: () => import('./timetables/TimetablePage.vue'),
        props: true,
        meta: { verb: 'devices.see', title: 'timetables.title' },
      },
      {
        path: 'calendar',
        name: 'calendar',
        component: () => import('./calendar/CalendarPage.vue'),
        meta: { verb: 'devices.see', title: 'calendar.title' },
      },
      {
        path: 'safety',
        name: 'safety',
        component: () => import('./safety/SafetyPage.vue'),
        meta: { verb: 'devices.see', title: 'safety.title' },
      },
      {
        path: 'batches',
        name: 'batches',
        component: () => import('./batches/BatchesPage.vue'),
        meta: { verb: 'devices.see', title: 'batches.title' },
      },
      {
        path: 'registry/new',
        name: 'newDevice',
        component: () => import('./onboarding/OnboardingPage.vue'),
        meta: { verb: 'devices.manage', title: 'onboarding.title' },
      },
      {
        path: 'registry/new/:id',
        name: 'onboarding',
        component: () => import('./onboarding/WaitingPage.vue'),
        props: true,
        meta: { verb: 'devices.manage', title: 'onboarding.title' },
      },
      {
        path: 'registry',
        name: 'registry',
        component: () => import('./registry/RegistryPage.vue'),
        meta: { verb: 'devices.manage', title: 'registry.title' },
      },
      {
        path: 'quarantine',
        name: 'quarantine',
        component: () => import('./quarantine/QuarantinePage.vue'),
        meta: { verb: 'devices.manage', title: 'pages.quarantine.title' },
      },
      {
        path: 'integrators',
        name: 'integrators',
        component: () => import('./integrators/IntegratorsPage.vue'),
        meta: { verb: 'access.manage', title: 'pages.integrators.title' },
      },
      {
        path: 'booths',
        name: 'booths',
        component: () => import('./booths/BoothsPage.vue'),
        meta: { verb: 'access.manage', title: 'booths.title' },
      },
      {
        path: 'tokens',
        name: 'tokens',
        component: () => import('./tokens/TokensPage.vue'),
        meta: { verb: 'access.manage', title: 'tokens.title' },
      },
      {
        path: 'people',
        name: 'people',
        component: () => import('./people/PeoplePage.vue'),
        meta: { verb: 'access.manage', title: 'people.title' },
      },
      {
        path: 'me',
        name: 'me',
        component: () => import('./people/MePage.vue'),
        meta: { title: 'people.me' },
      },
      {
        path: 'broker',
        name: 'broker',
        component: () => import('./broker/BrokerPage.vue'),
        meta: { verb: 'broker.see', title: 'broker.title' },
      },
      {
        path: 'broker/clients/:client',
        name: 'brokerClient',
        component: () => import('./broker/ClientPage.vue'),
        props: true,
        meta: { verb: 'broker.see', title: 'broker.client' },
      },
      {
        path: 'system',
        name: 'system',
        component: () => import('./system/SystemPage.vue'),
        meta: { verb: 'broker.see', title: 'system.title' },
      },
      {
        path: 'audit',
        name: 'audit',
        component: () => import('./audit/AuditPage.vue'),
        meta: { verb: 'audit.see', title: 'pages.audit.title' },
      },
      {
        path: ':rest(.*)*',
        name: 'lost',
        component: () => import('./shell/LostPage.vue'),
        meta: { title: 'pages.notFound' },
      },
    ],
  },
]

export const router = createRouter({ history: createWebHistory(), routes })

router.beforeEach(async (to) => {
  if (me.value === undefined) await resume().catch(() => undefined)
  if (setupNeeded.value) return to.name === 'setup' || { name: 'setup' }
  if (to.meta.open) {
    if (me.value || to.name === 'setup') return me.value ? { name: 'wall' } : { name: 'login' }
    return true
  }
  if (!me.value) return { name: 'login', query: to.fullPath === '/' ? {} : { next: to.fullPath } }
  const first = unfinished(me.value)
  if (first) return to.name === first || { name: first }
  if (to.name === 'password' || to.name === 'factor') return { name: 'wall' }
  return true
})

/** May the user see this page? The server decides again at each request. */
export const allowed = (verb: Verb | undefined): boolean => !verb || can(verb)

/** Brings whoever has to finish their account first to the page where they do. */
async function followMe(): Promise<void> {
  await meAgain()
  const first = me.value && unfinished(me.value)
  if (first && router.currentRoute.value.name !== first) await router.push({ name: first })
}

// The server ends the link when what the user may do is another, and tells nobody why.
onReturned(() => void followMe())

onGlobalProblem((code) => {
  if (code === 'unauthenticated') sessionLost()
  if (code === 'password_change_needed' || code === 'factor_needed' || code === 'forbidden') void followMe()
  if (code === 'setup_needed' && !setupNeeded.value) {
    setupNeeded.value = true
    void router.push({ name: 'setup' })
  }
})

// Whoever loses the session stands before the login page, and comes back to where they were.
watch(me, (who, before) => {
  const here = router.currentRoute.value
  if (before && who === null && !here.meta.open) {
    void router.push({ name: 'login', query: here.fullPath === '/' ? {} : { next: here.fullPath } })
  }
})
