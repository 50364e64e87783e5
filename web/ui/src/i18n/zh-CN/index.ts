import common from './common.json'
import nav from './nav.json'
import device from './device.json'
import command from './command.json'
import session from './session.json'
import booth from './booth.json'
import booths from './booths.json'
import shifts from './shifts.json'
import bans from './bans.json'
import tokens from './tokens.json'
import wall from './wall.json'
import registry from './registry.json'
import ledger from './ledger.json'
import schedules from './schedules.json'
import timetables from './timetables.json'
import calendar from './calendar.json'
import broker from './broker.json'
import system from './system.json'
import backups from './backups.json'
import pages from './pages.json'
import problem from './problem.json'
import reasons from './reasons.json'
import replay from './replay.json'
import safety from './safety.json'
import audit from './audit.json'
import batches from './batches.json'
import people from './people.json'
import config from './config.json'
import statistics from './statistics.json'
import charts from './charts.json'
import reports from './reports.json'
import pictures from './pictures.json'
import plans from './plans.json'
import changes from './changes.json'
import alarms from './alarms.json'
import events from './events.json'
import devicePage from './devicePage.json'
import onboarding from './onboarding.json'

const messages = {
  common,
  nav,
  device,
  command,
  session,
  booth,
  booths,
  shifts,
  bans,
  tokens,
  wall,
  registry,
  ledger,
  schedules,
  timetables,
  calendar,
  broker,
  system,
  backups,
  pages,
  problem,
  reasons,
  replay,
  safety,
  audit,
  batches,
  people,
  config,
  statistics,
  charts,
  reports,
  pictures,
  plans,
  changes,
  alarms,
  events,
  devicePage,
  onboarding,
}

/** The shape that every language has. */
export type Messages = typeof messages

export default messages
