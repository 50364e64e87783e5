'use strict'

const texts = {
  'zh-CN': {
    title: '设备模拟器', cutAll: '全部断线', restoreAll: '全部恢复', other: 'English',
    gate: '道闸', turnstile: '闸机', camera: '摄像头',
    online: '已连接', away: '未连接', isCut: '已断线',
    state: '状态', counters: '计数', command: '最近指令', billing: '最近计费', waiting: '待发送',
    open: '开', opening: '正在打开', closed: '关', closing: '正在关闭', stopped: '已停', in: '进', out: '出', pictures: '照片',
    done: '已执行', refused: '已拒绝', none: '无', acknowledged: '已确认', pending: '待确认',
    carIn: '车辆进', carOut: '车辆出', personIn: '行人进', personOut: '行人出', repeat: '重发计费', fire: '消防信号', cut: '断线', restore: '恢复',
    config: '配置', ignoreConfig: '不理会配置', heedConfig: '接受配置', ignoring: '不理会',
    trouble: '故障与报警', forced_open: '强行开启', held_open_too_long: '卡住不关', opened_without_command: '遥控开启', tailgating: '尾随', reverse_entry: '逆行', climb_over: '翻越', pass_timeout: '通行超时', tamper: '打开外壳', fault: '设备故障', mend: '全部恢复正常',
    summary: (up, all) => `${up} / ${all} 台设备已连接`, gone: '模拟器没有响应',
  },
  en: {
    title: 'Device simulator', cutAll: 'Cut all', restoreAll: 'Restore all', other: '中文',
    gate: 'Gate', turnstile: 'Turnstile', camera: 'Camera',
    online: 'connected', away: 'not connected', isCut: 'line cut',
    state: 'State', counters: 'Counters', command: 'Command', billing: 'Billing', waiting: 'To be sent',
    open: 'open', opening: 'opening', closed: 'closed', closing: 'closing', stopped: 'stopped', in: 'in', out: 'out', pictures: 'pictures',
    done: 'done', refused: 'refused', none: 'none', acknowledged: 'acknowledged', pending: 'not acknowledged yet',
    carIn: 'Car in', carOut: 'Car out', personIn: 'Person in', personOut: 'Person out', repeat: 'Repeat billing', fire: 'Fire signal', cut: 'Cut', restore: 'Restore',
    config: 'Configuration', ignoreConfig: 'Ignore configuration', heedConfig: 'Heed configuration', ignoring: 'ignored',
    trouble: 'Trouble', forced_open: 'Force open', held_open_too_long: 'Prop open', opened_without_command: 'Remote control', tailgating: 'Tailgating', reverse_entry: 'Wrong way', climb_over: 'Climb over', pass_timeout: 'Nobody passes', tamper: 'Open housing', fault: 'Fault', mend: 'Mend all',
    summary: (up, all) => `${up} of ${all} devices connected`, gone: 'The simulator does not answer',
  },
}

const $ = (id) => document.getElementById(id)
const cards = new Map() // device id → its card
const sites = new Map() // site id → its list
let language = remembered() ?? (navigator.language.startsWith('zh') ? 'zh-CN' : 'en')
let last = []
const t = (key) => texts[language][key] ?? key

function remembered() {
  try {
    const kept = localStorage.getItem('language')
    return kept in texts ? kept : null
  } catch {
    return null
  }
}

function say(problem) {
  $('problem').hidden = !problem
  $('problem').textContent = problem ?? ''
}

async function post(path) {
  try {
    const response = await fetch(path, { method: 'POST' })
    say(response.ok ? null : (await response.json()).error)
  } catch {
    say(t('gone'))
  }
  await refresh()
}

const buttons = {
  gate: [['carIn', 'car?direction=in'], ['carOut', 'car?direction=out'], ['repeat', 'repeat-billing']],
  turnstile: [['personIn', 'person?direction=in'], ['personOut', 'person?direction=out'], ['fire', 'fire']],
  camera: [],
}

// What may go wrong, by the type of event that the device says of it.
const openingTroubles = ['forced_open', 'held_open_too_long', 'opened_without_command', 'tailgating', 'reverse_entry', 'pass_timeout']
const troubles = {
  gate: [...openingTroubles, 'tamper', 'fault'],
  turnstile: [...openingTroubles, 'climb_over', 'tamper', 'fault'],
  camera: ['tamper', 'fault'],
}

function button(key, act) {
  const b = document.createElement('button')
  b.type = 'button'
  b.dataset.text = key
  b.addEventListener('click', act)
  return b
}

function list(site) {
  if (!sites.has(site)) {
    const section = $('site').content.cloneNode(true).firstElementChild
    $('sites').append(section)
    sites.set(site, section.querySelector('ul'))
  }
  return sites.get(site)
}

function card(d) {
  if (cards.has(d.id)) return cards.get(d.id)
  const li = $('device').content.cloneNode(true).firstElementChild
  const at = (action) => () => post(`api/devices/${encodeURIComponent(d.id)}/${action}`)
  const actions = li.querySelector('.actions')
  for (const [key, action] of buttons[d.kind]) actions.append(button(key, at(action)))
  const heed = button('ignoreConfig', () => at(li.dataset.ignoring === 'true' ? 'heed-config' : 'ignore-config')())
  heed.classList.add('heed')
  actions.append(heed)
  const line = button('cut', () => at(li.classList.contains('cut') ? 'restore' : 'cut')())
  line.classList.add('line', 'danger')
  actions.append(line)
  const trouble = document.createElement('details')
  const title = document.createElement('summary')
  title.dataset.text = 'trouble'
  const choices = document.createElement('div')
  choices.className = 'actions'
  for (const kind of troubles[d.kind]) choices.append(button(kind, at(`trouble?type=${kind}`)))
  choices.append(button('mend', at('mend')))
  trouble.append(title, choices)
  li.append(trouble)
  li.dataset.device = d.id
  list(d.site).append(li)
  cards.set(d.id, li)
  translate(li)
  return li
}

const money = (b) =>
  new Intl.NumberFormat(language, { style: 'currency', currency: b.currency }).format(
    b.amount / 10 ** new Intl.NumberFormat(language, { style: 'currency', currency: b.currency }).resolvedOptions().maximumFractionDigits,
  )

function paint(d) {
  const li = card(d)
  const set = (name, text) => {
    const node = li.querySelector(name)
    if (node.textContent !== text) node.textContent = text
  }
  li.className = `device ${d.kind} ${d.cut ? 'cut' : d.connected ? 'online' : 'away'}`
  set('.kind', t(d.kind))
  set('.name', d.name)
  set('.link', t(d.cut ? 'isCut' : d.connected ? 'online' : 'away'))
  li.querySelector('.leaf').className = `leaf ${d.physical}`
  set('.physical', d.physical ? t(d.physical) : '–')
  set('.counters', Object.entries(d.counters).map(([k, n]) => `${t(k)} ${n}`).join(' · ') || '0')
  const c = d.lastCommand
  set('.command', c ? `${c.action} ${t(c.outcome)}${c.reason ? ` (${c.reason})` : ''}` : t('none'))
  const b = d.lastBilling
  set('.billing', b ? `${money(b)} #${b.seq} ${t(b.acknowledged ? 'acknowledged' : 'pending')}` : t('none'))
  set('.waiting', String(d.waiting))
  set('.config', [d.config ? `#${d.config}` : t('none'), d.ignoresConfig ? t('ignoring') : ''].filter(Boolean).join(' · '))
  li.dataset.ignoring = String(d.ignoresConfig)
  const heed = li.querySelector('.heed')
  heed.dataset.text = d.ignoresConfig ? 'heedConfig' : 'ignoreConfig'
  heed.textContent = t(heed.dataset.text)
  const line = li.querySelector('.line')
  line.dataset.text = d.cut ? 'restore' : 'cut'
  line.textContent = t(line.dataset.text)
  line.classList.toggle('danger', !d.cut)
}

function translate(root) {
  for (const node of root.querySelectorAll('[data-text]')) node.textContent = t(node.dataset.text)
}

function show() {
  document.documentElement.lang = language
  document.title = `Gatehouse · ${t('title')}`
  $('language').textContent = t('other')
  translate(document)
  last.forEach(paint)
  $('summary').textContent = t('summary')(last.filter((d) => d.connected).length, last.length)
}

async function refresh() {
  try {
    const response = await fetch('api/devices')
    last = await response.json()
    if ($('problem').textContent === t('gone')) say(null)
    show()
  } catch {
    say(t('gone'))
  }
}

$('language').addEventListener('click', () => {
  language = language === 'en' ? 'zh-CN' : 'en'
  try {
    localStorage.setItem('language', language)
  } catch {
    // a browser that keeps nothing asks again next time
  }
  show()
})
$('cut-all').addEventListener('click', () => post('api/cut'))
$('restore-all').addEventListener('click', () => post('api/restore'))

show()
refresh()
setInterval(refresh, 500)
