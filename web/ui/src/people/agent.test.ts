import { describe, expect, it } from 'vitest'
import { agentWords } from './agent'

const webkit = 'AppleWebKit/537.36 (KHTML, like Gecko)'
const apple = 'AppleWebKit/605.1.15 (KHTML, like Gecko)'

describe('a browser in the list of sessions', () => {
  it.each([
    [`Mozilla/5.0 (Windows NT 10.0; Win64; x64) ${webkit} Chrome/131.0.0.0 Safari/537.36`, 'Chrome on Windows'],
    [
      `Mozilla/5.0 (Windows NT 10.0; Win64; x64) ${webkit} Chrome/131.0.0.0 Safari/537.36 Edg/131.0.0.0`,
      'Edge on Windows',
    ],
    [
      `Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) ${apple} Version/18.1 Mobile/15E148 Safari/604.1`,
      'Safari on iPhone',
    ],
    [`Mozilla/5.0 (iPad; CPU OS 17_0 like Mac OS X) ${apple} CriOS/130.0 Mobile/15E148 Safari/604.1`, 'Chrome on iPad'],
    [`Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) ${apple} Version/18.1 Safari/605.1.15`, 'Safari on macOS'],
    ['Mozilla/5.0 (X11; Linux x86_64; rv:132.0) Gecko/20100101 Firefox/132.0', 'Firefox on Linux'],
    [`Mozilla/5.0 (Linux; Android 14; Pixel 8) ${webkit} Chrome/131.0.0.0 Mobile Safari/537.36`, 'Chrome on Android'],
    [
      `Mozilla/5.0 (Linux; Android 14; V2) ${webkit} Chrome/116.0 Mobile Safari/537.36 MicroMessenger/8.0.50`,
      'WeChat on Android',
    ],
    ['curl/8.5.0', 'a program (curl)'],
    ['Go-http-client/1.1', 'a program (Go-http-client)'],
    ['python-requests/2.32.3', 'a program (python-requests)'],
    ['', 'none'],
    ['strange thing', 'strange thing'],
    ['x'.repeat(200), `${'x'.repeat(60)}…`],
    ['Mozilla/5.0 (compatible)', 'Mozilla/5.0 (compatible)'],
  ])('%s', (agent, words) => expect(agentWords(agent).toLowerCase()).toBe(words.toLowerCase()))
})
