import { defineConfig } from '@playwright/test'

// The system's Chromium: nothing is downloaded.
const executablePath = process.env.GATEHOUSE_CHROMIUM ?? '/usr/bin/chromium'

export default defineConfig({
  testDir: 'e2e',
  outputDir: 'test-results',
  fullyParallel: false,
  // Most of a test is waiting for a device or a clock: three keep two processors busy.
  workers: 3,
  retries: 0,
  forbidOnly: true,
  timeout: 120_000,
  expect: { timeout: 10_000 },
  reporter: [['list'], ['./e2e/summary.ts']],
  use: {
    locale: 'en-GB',
    timezoneId: 'Asia/Shanghai',
    trace: 'off',
    launchOptions: {
      executablePath,
      args: [
        '--no-sandbox',
        '--disable-gpu',
        '--disable-quic',
        '--no-first-run',
        '--disable-background-networking',
        '--disable-component-update',
        '--disable-sync',
      ],
    },
  },
  projects: [
    {
      name: 'desktop',
      testIgnore: /screen(s|shots)\.spec\.ts/,
      grepInvert: /@phone/,
      use: { viewport: { width: 1440, height: 900 } },
    },
    {
      name: 'phone',
      testMatch: /(main|broker|phone)\.spec\.ts/,
      grep: /@phone/,
      use: { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true },
    },
    { name: 'bench', testDir: 'bench', testMatch: '*.bench.ts', use: { trace: 'off' } },
    { name: 'screens', testMatch: 'screens.spec.ts', use: { trace: 'off' } },
    { name: 'screenshots', testMatch: 'screenshots.spec.ts', use: { viewport: { width: 1440, height: 900 } } },
  ],
})
