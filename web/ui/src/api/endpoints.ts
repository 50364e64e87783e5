import { ask, client } from './client'
import type {
  AuditQuery,
  BatchesQuery,
  AlarmQuery,
  BatchRequest,
  BrokerClientsQuery,
  BrokerTopicsQuery,
  ChangeQuery,
  CommandQuery,
  CommandRequest,
  DayRequest,
  EventFilter,
  EventQuery,
  KickReason,
  LayerRequest,
  LedgerQuery,
  LogQuery,
  NewApiToken,
  BoothEntry,
  NewBooth,
  NewIntegrator,
  NewPerson,
  NewBan,
  NewRole,
  PersonChange,
  PictureQuery,
  Plan,
  PlanChange,
  PlateQuery,
  Proof,
  PreviewRequest,
  ReplayQuery,
  DryRunRequest,
  RunQuery,
  ScheduleRequest,
  NewShift,
  NewShiftNote,
  ShiftHandover,
  ShiftQuery,
  AlarmCountQuery,
  SeriesQuery,
  StatisticsQuery,
  TakingsQuery,
  TimetableRequest,
  TimetableRunQuery,
  TraceOrder,
} from './types'

/** Every call of the console to the server, by what it is for. Each throws a Problem. */
export const api = {
  setupNeeded: () => ask(client.GET('/api/v1/setup')),
  setUp: (body: { token: string; name: string; password: string; language?: 'zh-CN' | 'en' }) =>
    ask(client.POST('/api/v1/setup', { body })),

  me: () => ask(client.GET('/api/v1/session')),
  signIn: (name: string, password: string, code?: string) =>
    ask(client.POST('/api/v1/session', { body: { name, password, code } })),
  /** Is kept also if the page is left at once. */
  setLanguage: (language: 'zh-CN' | 'en') =>
    ask(client.PATCH('/api/v1/session', { body: { language }, keepalive: true })),
  /** Is kept also if the page is left at once. */
  setTheme: (theme: 'auto' | 'light' | 'dark') =>
    ask(client.PATCH('/api/v1/session', { body: { theme }, keepalive: true })),
  changePassword: (oldPassword: string, password: string) =>
    ask(client.PUT('/api/v1/session/password', { body: { oldPassword, password } })),
  beginFactor: () => ask(client.POST('/api/v1/session/factor')),
  confirmFactor: (code: string) => ask(client.PUT('/api/v1/session/factor', { body: { code } })),
  dropFactor: () => ask(client.DELETE('/api/v1/session/factor')),
  prove: (body: Proof) => ask(client.POST('/api/v1/session/proof', { body })),
  mySessions: () => ask(client.GET('/api/v1/session/all')),
  endMySession: (session: string) =>
    ask(client.DELETE('/api/v1/session/all/{session}', { params: { path: { session } } })),
  signOut: () => ask(client.DELETE('/api/v1/session')),

  snapshot: () => ask(client.GET('/api/v1/live/snapshot')),
  ticket: () => ask(client.POST('/api/v1/live/ticket')),

  addSite: (name: string, timeZone: string) => ask(client.POST('/api/v1/sites', { body: { name, timeZone } })),
  addZone: (site: string, name: string) =>
    ask(client.POST('/api/v1/sites/{site}/zones', { params: { path: { site } }, body: { name } })),
  addDevice: (zone: string, kind: 'gate' | 'turnstile' | 'camera', name: string) =>
    ask(client.POST('/api/v1/devices', { body: { zone, kind, name } })),
  device: (id: string) => ask(client.GET('/api/v1/devices/{id}', { params: { path: { id } } })),
  config: (id: string) => ask(client.GET('/api/v1/devices/{id}/config', { params: { path: { id } } })),
  changes: (id: string, query: ChangeQuery) =>
    ask(client.GET('/api/v1/devices/{id}/changes', { params: { path: { id }, query } })),
  configure: (id: string, base: number, settings: Record<string, string>) =>
    ask(client.PUT('/api/v1/devices/{id}/config', { params: { path: { id } }, body: { base, settings } })),
  renameSite: (site: string, name: string) =>
    ask(client.PATCH('/api/v1/sites/{site}', { params: { path: { site } }, body: { name } })),
  renameZone: (zone: string, name: string) =>
    ask(client.PATCH('/api/v1/zones/{zone}', { params: { path: { zone } }, body: { name } })),
  /** Without a zone it stays where it is: moving it asks for a proof. */
  changeDevice: (id: string, name: string, zone?: string) =>
    ask(client.PATCH('/api/v1/devices/{id}', { params: { path: { id } }, body: { name, zone } })),
  retireDevice: (id: string, reason: string) =>
    ask(client.POST('/api/v1/devices/{id}/retire', { params: { path: { id } }, body: { reason } })),
  replaceDevice: (id: string, reason: string) =>
    ask(client.POST('/api/v1/devices/{id}/replace', { params: { path: { id } }, body: { reason } })),
  transferDevice: (id: string, zone: string, reason: string) =>
    ask(client.POST('/api/v1/devices/{id}/transfer', { params: { path: { id } }, body: { zone, reason } })),
  retired: () => ask(client.GET('/api/v1/devices/retired')),
  /** The bytes as they are: the server sees what form and which encoding they have. */
  importDevices: (table: Blob, dryRun: boolean) =>
    ask(
      client.POST('/api/v1/devices/import', {
        params: { query: { dryRun } },
        headers: { 'Content-Type': 'text/csv' },
        body: '',
        bodySerializer: () => table,
      }),
    ),
  issueCredential: (id: string) => ask(client.POST('/api/v1/devices/{id}/credential', { params: { path: { id } } })),
  issueCredentials: (body: { devices: string[]; cut: boolean }) =>
    ask(client.POST('/api/v1/devices/credentials', { body })),
  lobby: () => ask(client.GET('/api/v1/lobby')),
  openLobby: () => ask(client.PUT('/api/v1/lobby', { body: { minutes: 30 } })),
  closeLobby: () => ask(client.DELETE('/api/v1/lobby')),
  dismissUnknown: (id: string) => ask(client.DELETE('/api/v1/lobby/{id}', { params: { path: { id } } })),
  registerUnknown: (id: string, body: { zone: string; kind: 'gate' | 'turnstile' | 'camera'; name: string }) =>
    ask(client.POST('/api/v1/lobby/{id}/register', { params: { path: { id } }, body })),
  /** Only: its password ends. */
  admitCertificate: (id: string, only: boolean) =>
    ask(client.PUT('/api/v1/devices/{id}/credential/certificate', { params: { path: { id } }, body: { only } })),
  refuseCertificate: (id: string) =>
    ask(client.DELETE('/api/v1/devices/{id}/credential/certificate', { params: { path: { id } } })),
  revokeCredential: (id: string) => ask(client.DELETE('/api/v1/devices/{id}/credential', { params: { path: { id } } })),

  plans: () => ask(client.GET('/api/v1/plans')),
  /** The bytes as they are: the server sees what kind of picture they are. */
  addPlan: (site: string, name: string, picture: Blob) =>
    ask(
      client.POST('/api/v1/sites/{site}/plans', {
        params: { path: { site }, query: { name } },
        headers: { 'Content-Type': 'application/octet-stream' },
        body: '',
        bodySerializer: () => picture,
      }),
    ),
  changePlan: (id: string, body: PlanChange) =>
    ask(client.PUT('/api/v1/plans/{id}', { params: { path: { id } }, body })),
  setPlanPicture: (id: string, base: number, picture: Blob) =>
    ask(
      client.PUT('/api/v1/plans/{id}/picture', {
        params: { path: { id }, query: { base } },
        headers: { 'Content-Type': 'application/octet-stream' },
        body: '',
        bodySerializer: () => picture,
      }),
    ),
  orderPlans: (site: string, plans: string[]) =>
    ask(client.PUT('/api/v1/sites/{site}/plans', { params: { path: { site } }, body: { plans } })),
  removePlan: (id: string, base: number) =>
    ask(client.DELETE('/api/v1/plans/{id}', { params: { path: { id }, query: { base } } })),

  sendCommand: (id: string, key: string, body: CommandRequest) =>
    ask(
      client.POST('/api/v1/devices/{id}/commands', {
        params: { path: { id }, header: { 'Idempotency-Key': key } },
        body,
      }),
    ),
  commandsOf: (id: string, query: CommandQuery) =>
    ask(client.GET('/api/v1/devices/{id}/commands', { params: { path: { id }, query } })),
  command: (id: string) => ask(client.GET('/api/v1/commands/{id}', { params: { path: { id } } })),

  sendBatch: (key: string, body: BatchRequest) =>
    ask(client.POST('/api/v1/batches', { params: { header: { 'Idempotency-Key': key } }, body })),
  batches: (query: BatchesQuery) => ask(client.GET('/api/v1/batches', { params: { query } })),
  cancelCommand: (id: string) => ask(client.POST('/api/v1/commands/{id}/cancel', { params: { path: { id } } })),
  cancelBatch: (id: string) => ask(client.POST('/api/v1/batches/{id}/cancel', { params: { path: { id } } })),
  batch: (id: string) => ask(client.GET('/api/v1/batches/{id}', { params: { path: { id } } })),

  setLayer: (body: LayerRequest) => ask(client.POST('/api/v1/layers', { body })),
  fire: (past: number) => ask(client.GET('/api/v1/fire', { params: { query: { past } } })),
  releaseFire: (body: { site: string; group: string; reason: string }) =>
    ask(client.POST('/api/v1/fire/release', { body })),
  endFire: (body: { site: string; group: string; reason: string }) => ask(client.POST('/api/v1/fire/end', { body })),
  setFireWiring: (id: string, body: { group: string; input: string }) =>
    ask(client.PUT('/api/v1/devices/{id}/fire', { params: { path: { id } }, body })),

  events: (query: EventQuery) => ask(client.GET('/api/v1/events', { params: { query } })),
  replay: (query: ReplayQuery) => ask(client.GET('/api/v1/replay', { params: { query } })),
  pictures: (query: PictureQuery) => ask(client.GET('/api/v1/pictures', { params: { query } })),
  pictureRetention: () => ask(client.GET('/api/v1/pictures/retention')),
  plates: (query: PlateQuery) => ask(client.GET('/api/v1/plates', { params: { query } })),
  alarms: (query: AlarmQuery) => ask(client.GET('/api/v1/alarms', { params: { query } })),
  alarm: (id: string) => ask(client.GET('/api/v1/alarms/{id}', { params: { path: { id } } })),
  acknowledgeAlarm: (id: string, comment: string) =>
    ask(client.POST('/api/v1/alarms/{id}/acknowledge', { params: { path: { id } }, body: { comment } })),
  commentAlarm: (id: string, text: string) =>
    ask(client.POST('/api/v1/alarms/{id}/comments', { params: { path: { id } }, body: { text } })),
  takeAlarm: (id: string) => ask(client.POST('/api/v1/alarms/{id}/take', { params: { path: { id } } })),
  alarmAssignees: (id: string) => ask(client.GET('/api/v1/alarms/{id}/assignees', { params: { path: { id } } })),
  assignAlarm: (id: string, name: string) =>
    ask(client.PUT('/api/v1/alarms/{id}/assignee', { params: { path: { id } }, body: { name } })),
  resolveAlarm: (id: string, text: string) =>
    ask(client.POST('/api/v1/alarms/{id}/resolve', { params: { path: { id } }, body: { text } })),
  alarmCounts: (query: AlarmCountQuery) => ask(client.GET('/api/v1/alarms/counts', { params: { query } })),
  alarmMutes: () => ask(client.GET('/api/v1/alarms/mutes')),
  muteAlarms: (body: { device: string; type?: string; until: string; reason: string }) =>
    ask(client.POST('/api/v1/alarms/mutes', { body })),
  unmuteAlarms: (device: string, type: string) =>
    ask(client.DELETE('/api/v1/alarms/mutes', { params: { query: { device, type: type || undefined } } })),
  presence: (id: string) => ask(client.GET('/api/v1/devices/{id}/presence', { params: { path: { id } } })),
  statistics: (query: StatisticsQuery) => ask(client.GET('/api/v1/statistics', { params: { query } })),
  series: (query: SeriesQuery) => ask(client.GET('/api/v1/statistics/series', { params: { query } })),
  takings: (query: TakingsQuery) => ask(client.GET('/api/v1/ledger/takings', { params: { query } })),
  ledger: (query: LedgerQuery) => ask(client.GET('/api/v1/ledger', { params: { query } })),
  quarantine: (limit: number) => ask(client.GET('/api/v1/quarantine', { params: { query: { limit } } })),

  schedules: () => ask(client.GET('/api/v1/schedules')),
  addSchedule: (body: ScheduleRequest) => ask(client.POST('/api/v1/schedules', { body })),
  putSchedule: (id: string, body: ScheduleRequest) =>
    ask(client.PUT('/api/v1/schedules/{id}', { params: { path: { id } }, body })),
  deleteSchedule: (id: string) => ask(client.DELETE('/api/v1/schedules/{id}', { params: { path: { id } } })),
  pauseSchedule: (id: string, body: { until?: string }) =>
    ask(client.POST('/api/v1/schedules/{id}/pause', { params: { path: { id } }, body })),
  resumeSchedule: (id: string) => ask(client.POST('/api/v1/schedules/{id}/resume', { params: { path: { id } } })),
  skipNextRun: (id: string) => ask(client.PUT('/api/v1/schedules/{id}/skip-next', { params: { path: { id } } })),
  keepNextRun: (id: string) => ask(client.DELETE('/api/v1/schedules/{id}/skip-next', { params: { path: { id } } })),
  runSchedule: (id: string, key: string) =>
    ask(client.POST('/api/v1/schedules/{id}/run', { params: { path: { id }, header: { 'Idempotency-Key': key } } })),
  previewSchedule: (body: PreviewRequest) => ask(client.POST('/api/v1/schedules/preview', { body })),
  dryRunSchedule: (body: DryRunRequest) => ask(client.POST('/api/v1/schedules/dry-run', { body })),
  allRuns: (query: RunQuery) => ask(client.GET('/api/v1/schedules/runs', { params: { query } })),
  scheduleStatistics: () => ask(client.GET('/api/v1/schedules/statistics')),
  scheduleRuns: (id: string, limit: number) =>
    ask(client.GET('/api/v1/schedules/{id}/runs', { params: { path: { id }, query: { limit } } })),

  timetables: () => ask(client.GET('/api/v1/timetables')),
  timetable: (id: string) => ask(client.GET('/api/v1/timetables/{id}', { params: { path: { id } } })),
  addTimetable: (body: TimetableRequest) => ask(client.POST('/api/v1/timetables', { body })),
  putTimetable: (id: string, body: TimetableRequest) =>
    ask(client.PUT('/api/v1/timetables/{id}', { params: { path: { id } }, body })),
  deleteTimetable: (id: string) => ask(client.DELETE('/api/v1/timetables/{id}', { params: { path: { id } } })),
  /** Without a time until somebody resumes it. */
  pauseTimetable: (id: string, until?: string) =>
    ask(client.POST('/api/v1/timetables/{id}/pause', { params: { path: { id } }, body: { until } })),
  resumeTimetable: (id: string) => ask(client.POST('/api/v1/timetables/{id}/resume', { params: { path: { id } } })),
  skipTimetable: (id: string, skip: boolean) =>
    ask(client.POST('/api/v1/timetables/{id}/skip', { params: { path: { id } }, body: { skip } })),
  runTimetable: (id: string) => ask(client.POST('/api/v1/timetables/{id}/run', { params: { path: { id } } })),
  previewTimetable: (timetable: TimetableRequest, replaces: string, from: string, to: string) =>
    ask(client.POST('/api/v1/timetables/preview', { body: { timetable, replaces: replaces || undefined, from, to } })),
  dryRunTimetable: (timetable: TimetableRequest, replaces: string) =>
    ask(client.POST('/api/v1/timetables/dry-run', { body: { timetable, replaces: replaces || undefined } })),
  timetableRuns: (query: TimetableRunQuery) => ask(client.GET('/api/v1/timetables/runs', { params: { query } })),
  timetableResults: (id: string, due: string) =>
    ask(client.GET('/api/v1/timetables/{id}/results', { params: { path: { id }, query: { due } } })),
  timetableAgenda: (site: string, from: string, to: string) =>
    ask(client.GET('/api/v1/timetables/agenda', { params: { query: { site: site || undefined, from, to } } })),
  timetableStatistics: () => ask(client.GET('/api/v1/timetables/statistics')),
  deviceTimetables: (id: string) => ask(client.GET('/api/v1/devices/{id}/timetables', { params: { path: { id } } })),

  /** Days of a site, both ends with it. */
  calendarDays: (site: string, from: string, to: string) =>
    ask(client.GET('/api/v1/calendar', { params: { query: { site, from, to } } })),
  /** The days of a year at a site; without one, of the whole property. */
  calendar: (site: string, year: number) =>
    ask(
      client.GET('/api/v1/calendar', {
        params: { query: { site: site || undefined, from: `${year}-01-01`, to: `${year}-12-31` } },
      }),
    ),
  putDay: (site: string, day: string, body: DayRequest) =>
    site
      ? ask(client.PUT('/api/v1/sites/{site}/calendar/days/{day}', { params: { path: { site, day } }, body }))
      : ask(client.PUT('/api/v1/calendar/days/{day}', { params: { path: { day } }, body })),
  removeDay: (site: string, day: string) =>
    site
      ? ask(client.DELETE('/api/v1/sites/{site}/calendar/days/{day}', { params: { path: { site, day } } }))
      : ask(client.DELETE('/api/v1/calendar/days/{day}', { params: { path: { day } } })),
  /** The bytes as they are: the server sees what form and which encoding they have. */
  importDays: (site: string, file: Blob, mode: 'look' | 'commit') => {
    const sent = { headers: { 'Content-Type': 'text/csv' }, body: '', bodySerializer: () => file }
    return site
      ? ask(
          client.POST('/api/v1/sites/{site}/calendar/import', { params: { path: { site }, query: { mode } }, ...sent }),
        )
      : ask(client.POST('/api/v1/calendar/import', { params: { query: { mode } }, ...sent }))
  },

  integrators: () => ask(client.GET('/api/v1/integrators')),
  addIntegrator: (body: NewIntegrator) => ask(client.POST('/api/v1/integrators', { body })),
  rotateIntegrator: (username: string) =>
    ask(client.POST('/api/v1/integrators/{username}/secret', { params: { path: { username } }, body: {} })),
  deleteIntegrator: (username: string) =>
    ask(client.DELETE('/api/v1/integrators/{username}', { params: { path: { username } } })),

  booth: () => ask(client.GET('/api/v1/booth')),
  enterBooth: (body: BoothEntry) => ask(client.POST('/api/v1/booth/session', { body })),
  booths: () => ask(client.GET('/api/v1/booths')),
  makeBooth: (body: NewBooth) => ask(client.POST('/api/v1/booths', { body })),
  endBooth: (id: string) => ask(client.DELETE('/api/v1/booths/{id}', { params: { path: { id } } })),
  setPin: (pin: string) => ask(client.PUT('/api/v1/session/pin', { body: { pin } })),
  dropPin: () => ask(client.DELETE('/api/v1/session/pin')),

  shifts: (query: ShiftQuery) => ask(client.GET('/api/v1/shifts', { params: { query } })),
  shift: (id: string) => ask(client.GET('/api/v1/shifts/{id}', { params: { path: { id } } })),
  myShift: () => ask(client.GET('/api/v1/shifts/mine')),
  beginShift: (body: NewShift) => ask(client.POST('/api/v1/shifts', { body })),
  takeOverShift: (id: string) => ask(client.POST('/api/v1/shifts/{id}/take-over', { params: { path: { id } } })),
  addShiftNote: (id: string, body: NewShiftNote) =>
    ask(client.POST('/api/v1/shifts/{id}/notes', { params: { path: { id } }, body })),
  handOverShift: (id: string, body: ShiftHandover) =>
    ask(client.POST('/api/v1/shifts/{id}/hand-over', { params: { path: { id } }, body })),
  closeShift: (id: string, reason: string) =>
    ask(client.POST('/api/v1/shifts/{id}/close', { params: { path: { id } }, body: { reason } })),
  ledgerFile: (query: TakingsQuery & Pick<LedgerQuery, 'sort'>, what: 'rows' | 'takings', format: 'csv' | 'xlsx') =>
    ask<Blob>(client.GET('/api/v1/ledger/export', { params: { query: { ...query, what, format } }, parseAs: 'blob' })),
  eventFile: (query: EventFilter, format: 'csv' | 'xlsx') =>
    ask<Blob>(client.GET('/api/v1/events/export', { params: { query: { ...query, format } }, parseAs: 'blob' })),
  shiftFile: (query: ShiftQuery, format: 'csv' | 'xlsx') =>
    ask<Blob>(
      client.GET('/api/v1/shifts/export', {
        params: { query: { ...query, before: undefined, limit: undefined, format } as object },
        parseAs: 'blob',
      }),
    ),

  tokens: () => ask(client.GET('/api/v1/tokens')),
  addToken: (body: NewApiToken) => ask(client.POST('/api/v1/tokens', { body })),
  revokeToken: (id: string) => ask(client.DELETE('/api/v1/tokens/{id}', { params: { path: { id } } })),

  people: () => ask(client.GET('/api/v1/people')),
  addPerson: (body: NewPerson) => ask(client.POST('/api/v1/people', { body })),
  changePerson: (id: string, body: PersonChange) =>
    ask(client.PATCH('/api/v1/people/{id}', { params: { path: { id } }, body })),
  roles: () => ask(client.GET('/api/v1/roles')),
  addRole: (body: NewRole) => ask(client.POST('/api/v1/roles', { body })),
  changeRole: (id: string, body: NewRole) => ask(client.PUT('/api/v1/roles/{id}', { params: { path: { id } }, body })),
  removeRole: (id: string) => ask(client.DELETE('/api/v1/roles/{id}', { params: { path: { id } } })),
  resetPassword: (id: string) => ask(client.POST('/api/v1/people/{id}/password', { params: { path: { id } } })),
  removeFactor: (id: string) => ask(client.DELETE('/api/v1/people/{id}/factor', { params: { path: { id } } })),
  factorPolicy: () => ask(client.GET('/api/v1/policy/factor')),
  setFactorPolicy: (roles: string[]) => ask(client.PUT('/api/v1/policy/factor', { body: { roles } })),
  sessionsOf: (id: string) => ask(client.GET('/api/v1/people/{id}/sessions', { params: { path: { id } } })),
  endSessionOf: (id: string, session: string) =>
    ask(client.DELETE('/api/v1/people/{id}/sessions/{session}', { params: { path: { id, session } } })),

  brokerClients: (query: BrokerClientsQuery) => ask(client.GET('/api/v1/broker/clients', { params: { query } })),
  brokerClient: (id: string) =>
    ask(client.GET('/api/v1/broker/clients/{client}', { params: { path: { client: id } } })),
  kick: (id: string, reason: KickReason) =>
    ask(client.POST('/api/v1/broker/clients/{client}/kick', { params: { path: { client: id } }, body: { reason } })),
  bans: () => ask(client.GET('/api/v1/broker/bans')),
  ban: (body: NewBan) => ask(client.POST('/api/v1/broker/bans', { body })),
  liftBan: (id: string, reason: string) =>
    ask(client.POST('/api/v1/broker/bans/{id}/lift', { params: { path: { id } }, body: { reason } })),
  retained: (query: { filter?: string; after?: string; limit?: number }) =>
    ask(client.GET('/api/v1/broker/retained', { params: { query } })),
  retainedMessage: (topic: string) =>
    ask(client.GET('/api/v1/broker/retained/message', { params: { query: { topic } } })),
  deleteRetained: (topic: string) =>
    ask(client.DELETE('/api/v1/broker/retained/message', { params: { query: { topic } } })),
  topics: (query: BrokerTopicsQuery) => ask(client.GET('/api/v1/broker/topics', { params: { query } })),
  testTicket: () => ask(client.POST('/api/v1/broker/test-ticket')),
  trace: () => ask(client.GET('/api/v1/broker/trace')),
  startTrace: (body: TraceOrder) => ask(client.POST('/api/v1/broker/trace', { body })),
  stopTrace: () => ask(client.DELETE('/api/v1/broker/trace')),
  brokerStats: () => ask(client.GET('/api/v1/broker/stats')),
  certificates: () => ask(client.GET('/api/v1/broker/certificates')),

  system: () => ask(client.GET('/api/v1/system')),
  systemSettings: () => ask(client.GET('/api/v1/system/settings')),
  systemLog: (query: LogQuery & { before?: number; limit?: number }) =>
    ask(client.GET('/api/v1/system/log', { params: { query } })),
  backups: () => ask(client.GET('/api/v1/system/backups')),
  makeBackup: () => ask(client.POST('/api/v1/system/backups')),

  audit: (query: AuditQuery) => ask(client.GET('/api/v1/audit', { params: { query } })),
  auditStatus: () => ask(client.GET('/api/v1/audit/status')),
  auditHead: () => ask(client.GET('/api/v1/audit/head')),
  auditFile: (query: AuditQuery, format: 'csv' | 'xlsx') =>
    ask<Blob>(client.GET('/api/v1/audit/export', { params: { query: { ...query, format } }, parseAs: 'blob' })),
  rotateAuditKey: () => ask(client.POST('/api/v1/audit/key')),
}

/** Where every device in service is as a file, with names of columns in a language. */
export const exportUrl = (format: 'csv' | 'xlsx', language: 'zh-CN' | 'en') =>
  `/api/v1/devices/export?format=${format}&language=${language}`

/** Where a picture of an event is: under the camera that took it, with the same event id. */
export function pictureUrl(device: string, event: string): string {
  return `/api/v1/devices/${encodeURIComponent(device)}/events/${encodeURIComponent(event)}/picture`
}

/** The same picture, small. */
export function thumbnailUrl(device: string, event: string): string {
  return `/api/v1/devices/${encodeURIComponent(device)}/events/${encodeURIComponent(event)}/thumbnail`
}

/** Where the picture of a plan is: another one is elsewhere. */
export const planPictureUrl = (p: Pick<Plan, 'id' | 'picture'>): string =>
  `/api/v1/plans/${encodeURIComponent(p.id)}/picture?v=${p.picture.sha256.slice(0, 16)}`

/** Where a file is that the server writes of what was asked for. */
function fileUrl(path: string, query: object): string {
  const asked = Object.entries(query).filter(([, v]) => v !== undefined)
  return `/api/v1${path}?${new URLSearchParams(asked.map(([k, v]) => [k, String(v)])).toString()}`
}

/** Where the statistics of a site are as a file. */
export const statisticsUrl = (query: StatisticsQuery): string => fileUrl('/statistics/export', query)

/** Where the lines of the server's log that match are as a file. */
export const systemLogUrl = (query: LogQuery): string => fileUrl('/system/log/export', query)

/** Where a backup is as a file, if it is encrypted. */
export const backupUrl = (name: string): string => `/api/v1/system/backups/${encodeURIComponent(name)}`
