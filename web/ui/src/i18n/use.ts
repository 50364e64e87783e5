import { language } from './index'
import * as format from './format'

type Bound<F> = F extends (l: never, ...rest: infer R) => infer O ? (...rest: R) => O : never
type Format = typeof format

/** The formats of the page's language: reading them in a template follows the language. */
export const f = Object.fromEntries(
  Object.entries(format).map(([name, fn]) => [
    name,
    (...rest: unknown[]) => (fn as (l: unknown, ...r: unknown[]) => string)(language.value, ...rest),
  ]),
) as { [K in keyof Format]: Bound<Format[K]> }
