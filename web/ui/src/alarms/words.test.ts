import { beforeAll, describe, expect, it } from 'vitest'
import { useLanguage } from '@/i18n'
import { detailWord, entryBy, entryText } from './words'

describe('the words of an alarm', () => {
  beforeAll(() => useLanguage('zh-CN'))

  it('say a cause in words also where it is of a condition', () => {
    expect(entryText('offline', { what: 'raised', text: 'keep_alive' })).not.toContain('keep_alive')
    expect(entryText('did_not_move', { what: 'repeated', text: 'open' })).not.toBe('open')
  })

  it('leave alone what people wrote', () => {
    expect(entryText('offline', { what: 'commented', text: 'keep_alive' })).toBe('keep_alive')
  })

  it('say no more of a fault without a code', () => {
    expect(detailWord({ type: 'fault', detail: 'fault' })).toBe('')
    expect(detailWord({ type: 'fault', detail: 'E7' })).toBe('E7')
  })

  it('say how wrong a clock is', () => {
    expect(detailWord({ type: 'clock_drift', detail: '-2m0s' })).toContain('2')
    expect(detailWord({ type: 'clock_drift', detail: '-2m0s' })).not.toContain('m0s')
  })

  it('say what an opening is to be and what it reports', () => {
    const word = (detail: string) => detailWord({ type: 'mode_not_taken', detail })
    expect(word('it is to be held open, and reports controlled')).toBe('应为“常开”，实际为“受控”')
    expect(word('it is to be held closed, and is offline')).toBe('应为“常闭”，设备离线')
    expect(word('it is to be held open, and says that it takes no modes')).toBe('应为“常开”，设备不支持模式')
    expect(word('it is to be controlled, and reports nothing')).toBe('应为“受控”，设备未上报')
    expect(word('something else')).toBe('something else')
  })

  it('call the platform by no name', () => {
    expect(entryBy({ by: { kind: 'system', id: 'alarms', name: 'alarms' } })).toBe('系统')
    expect(entryBy({ by: { kind: 'operator', id: 'o1', name: '王芳' } })).toBe('王芳')
  })
})
