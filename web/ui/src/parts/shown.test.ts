import { expect, test } from 'vitest'
import { shownTable } from './shown'

function table(html: string): HTMLTableElement {
  document.body.innerHTML = `<table>${html}</table>`
  return document.querySelector('table')!
}

test('a table is saved as it is read: no buttons, no drawings, words of a cell apart', () => {
  const shown = table(`<thead><tr><th>Device</th><th>Since</th><th>Acts</th></tr></thead><tbody>
    <tr><td><span aria-hidden="true">Device</span><span><a>North
      in</a><br><span>Garage</span></span></td><td><svg><title>x</title></svg><time>10:02</time></td><td><button>Kick</button></td></tr>
    <tr><td>South</td><td></td><td><button>Kick</button></td></tr></tbody>`)
  expect(shownTable(shown)).toEqual([
    ['Device', 'Since'],
    ['North in Garage', '10:02'],
    ['South', ''],
  ])
})
