// What is measured, and what is wanted of it. A work is one mode of prove/mqttload
// with its flags; `of` takes the figure from its result, if there is one. `ratio` is what our
// figure may be at most in relation to Mosquitto's, `most` and `least` bound our
// figure itself.

const cpu = (r) => (r.received ? r.cpu_us : undefined)
const flow = (qos, count, more = {}) => ({ mode: 'flow', flags: { qos, pubs: 50, subs: 1, count, ...more } })
const pairs = (qos, count, more = {}) => ({ mode: 'pairs', flags: { qos, n: 200, count, ...more } })

export const memory = [
  { name: 'flow QoS 1, 50 publishers → 1 subscriber', ...flow(1, 200_000), of: cpu, unit: 'µs CPU / message', ratio: 1 / 5 },
  { name: 'flow QoS 2, 50 → 1', ...flow(2, 100_000), of: cpu, unit: 'µs CPU / message', ratio: 1 / 5 },
  { name: 'pairs QoS 1, 200 → 200', ...pairs(1, 200_000), of: cpu, unit: 'µs CPU / message', ratio: 1 / 5 },
  { name: 'pairs QoS 2, 200 → 200', ...pairs(2, 100_000), of: cpu, unit: 'µs CPU / message', ratio: 1 / 6 },
  { name: 'fan-out QoS 0, 1 → 500', mode: 'fanout', flags: { qos: 0, subs: 500, count: 1000 }, of: cpu, unit: 'µs CPU / delivery', ratio: 1 / 5 },
  { name: 'retained, 50,000 topics replayed', mode: 'retained', flags: { n: 50_000 }, of: cpu, unit: 'µs CPU / message', ratio: 1 },
  { name: 'storm, 10,000 sockets cut, wills seen', mode: 'storm', flags: { n: 10_000 }, of: cpu, unit: 'µs CPU / will', ratio: 1.5 },
  { name: 'command to one of 100 devices and back, p50', mode: 'rtt', flags: { n: 100, count: 10_000 }, of: (r) => r.p50_us, unit: 'µs', ratio: 1.2 },
  {
    // A broker of its own for each run: memory that was used before hides what is used now.
    mode: 'conns',
    flags: { n: 15_000 },
    fresh: true,
    figures: [
      { name: 'connect, with will and subscription', of: cpu, unit: 'µs CPU / connection', ratio: 1.5 },
      { name: '15,000 idle connections, each', of: (r) => r.kib_each, unit: 'KiB', most: 8 },
      // Go keeps the descriptors of goroutines and of polled files, and uses them again.
      { name: 'kept of each 30 s after all have left', of: (r) => r.kib_kept, unit: 'KiB', most: 2 },
    ],
  },
]

// With a disk the receivers have persistent sessions, so there is something to
// keep. A broker that needs more than 10 s is measured by what it managed.
const durable = { persistent: true, limit: '10s' }

export const disk = [
  { name: 'flow QoS 1, 50 → 1', ...flow(1, 100_000, durable), of: cpu, unit: 'µs CPU / message' },
  { name: 'flow QoS 2, 50 → 1', ...flow(2, 50_000, durable), of: cpu, unit: 'µs CPU / message' },
  { name: 'pairs QoS 1, 200 → 200', ...pairs(1, 100_000, durable), of: cpu, unit: 'µs CPU / message' },
  { name: 'pairs QoS 2, 200 → 200', ...pairs(2, 50_000, durable), of: cpu, unit: 'µs CPU / message' },
  { name: 'retained, 10,000 topics set', mode: 'retained', flags: { n: 10_000, limit: '10s' }, of: (r) => r.set_per_second, unit: 'topics / s' },
  { name: 'storm, 2,000 sockets cut, wills seen', mode: 'storm', flags: { n: 2000, limit: '10s' }, of: cpu, unit: 'µs CPU / will' },
  { name: 'command to one of 100 devices and back, p50', mode: 'rtt', flags: { n: 100, count: 5000, limit: '10s' }, of: (r) => r.p50_us, unit: 'µs' },
]

const perSecond = (r) => r.per_second
const many = { pubs: 50, window: 32, size: 128, limit: '10s' }

export const acks = [
  { name: 'QoS 1, one publisher, one in flight', mode: 'ack', flags: { qos: 1, pubs: 1, window: 1, count: 10_000, limit: '10s' }, of: perSecond, unit: '/ s', least: 2000 },
  { name: 'QoS 1, 50 publishers, 32 in flight each', mode: 'ack', flags: { qos: 1, count: 300_000, ...many }, of: perSecond, unit: '/ s', least: 60_000 },
  { name: 'QoS 2, 50 publishers, 32 in flight each', mode: 'ack', flags: { qos: 2, count: 150_000, ...many }, of: perSecond, unit: '/ s', least: 30_000 },
  { name: 'QoS 1 at 300 / s, p99', mode: 'ack', flags: { qos: 1, pubs: 1, window: 1000, rate: 300, count: 1500, limit: '10s' }, of: (r) => r.p99_us / 1000, unit: 'ms', most: 5 },
]

// A table: which brokers' stores, which works.
export const tables = [
  { store: 'memory', works: memory },
  { store: 'disk', works: disk },
  { store: 'disk', works: acks, title: 'acks' },
].map((t) => ({ title: t.store, ...t }))

// figures are the rows that a work makes.
export const figures = (work) => work.figures ?? [work]
