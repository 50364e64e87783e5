import type { FullResult, Reporter, TestCase, TestResult } from '@playwright/test/reporter'

/** Ends the run with one plain line. */
export default class Summary implements Reporter {
  private passed = 0
  private failed = 0

  onTestEnd(_test: TestCase, result: TestResult): void {
    if (result.status === 'passed') this.passed++
    else this.failed++
  }

  onEnd(_result: FullResult): void {
    console.log(`browser tests: ${this.passed} passed, ${this.failed} failed`)
  }
}
