import type { components, operations } from './schema'

// Short names for what web/openapi.yaml describes.

type Schemas = components['schemas']

export type Alarm = Schemas['Alarm']
export type AlarmHistory = Schemas['AlarmHistory']
export type AlarmMute = Schemas['AlarmMute']
export type AuditEntry = Schemas['AuditEntry']
export type Batch = Schemas['Batch']
export type BatchRequest = Schemas['NewBatch']
export type BrokerClient = Schemas['BrokerClient']
export type BrokerSubscription = Schemas['BrokerSubscription']
export type Command = Schemas['Command']
export type CommandRequest = Schemas['NewCommand']
export type Action = CommandRequest['action']
export type Device = Schemas['Device']
export type DeviceStatistics = Schemas['DeviceStatistics']
export type DeviceCredential = Schemas['IssuedCredential']
export type GateEvent = Schemas['Event']
export type Heartbeat = Schemas['Heartbeat']
export type ImportError = Schemas['ImportError']
export type ImportResult = Schemas['ImportResult']
export type Integrator = Schemas['Integrator']
export type IntegratorCredential = Schemas['IssuedIntegrator']
export type KickReason = Schemas['Kick']['reason']
export type FireReport = Schemas['FireReport']
export type Layer = Schemas['Layer']
export type LayerRequest = Schemas['NewLayer']
export type LedgerEntry = Schemas['LedgerEntry']
export type Me = Schemas['Me']
export type NewPerson = Schemas['NewPerson']
export type OpenSession = Schemas['OpenSession']
export type Person = Schemas['Person']
export type PersonChange = Schemas['PersonChange']
export type Picture = Schemas['Picture']
export type PlateReading = Schemas['PlateReading']
export type PassageHours = Schemas['PassageHours']
export type PresenceDay = Schemas['PresenceDay']
export type Proof = Schemas['Proof']
export type Problem = Schemas['Problem']
export type RetainedMessage = Schemas['RetainedMessage']
export type RetiredDevice = Schemas['RetiredDevice']
export type Role = Me['role']
export type Schedule = Schemas['Schedule']
export type ScheduleRequest = Schemas['ScheduleRequest']
export type ScheduleRun = Schemas['Run']
export type Site = Schemas['Site']
export type Snapshot = Schemas['Snapshot']
export type StateChange = Schemas['StateChange']
export type SettingState = Schemas['SettingState']
export type Times = Schemas['Times']
export type Ticket = Schemas['Ticket']
export type Today = Schemas['Today']
export type TraceOrder = Schemas['NewTrace']
export type TraceStep = Schemas['TraceStep']
export type Verb = Me['verbs'][number]
export type Zone = Schemas['Zone']

export type AlarmQuery = NonNullable<operations['listAlarms']['parameters']['query']>
export type BrokerClientsQuery = NonNullable<operations['listBrokerClients']['parameters']['query']>
export type ChangeQuery = NonNullable<operations['listChanges']['parameters']['query']>
export type EventQuery = NonNullable<operations['listEvents']['parameters']['query']>
export type PictureQuery = NonNullable<operations['listPictures']['parameters']['query']>
export type PlateQuery = NonNullable<operations['listPlates']['parameters']['query']>
export type LedgerQuery = NonNullable<operations['listLedger']['parameters']['query']>
export type StatisticsQuery = NonNullable<operations['getStatistics']['parameters']['query']>
