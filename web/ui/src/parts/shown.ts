/** The words of a cell as a person reads them: without buttons, pictures and what is hidden from readers. */
function words(cell: Element): string {
  const copy = cell.cloneNode(true) as Element
  copy.querySelectorAll('button, dialog, svg, [aria-hidden="true"]').forEach((e) => e.remove())
  const found: string[] = []
  const walk = (n: Node): void => {
    if (n.nodeType === Node.TEXT_NODE) {
      const text = n.textContent?.replaceAll(/\s+/g, ' ').trim()
      if (text) found.push(text)
    }
    n.childNodes.forEach(walk)
  }
  walk(copy)
  return found.join(' ')
}

/**
 * What a table shows, its head first, row by row. A column in which no row says anything is left out: it holds what can
 * be done.
 */
export function shownTable(table: HTMLTableElement): string[][] {
  const cells = (row: Element) => [...row.querySelectorAll('th, td')].map(words)
  const [head = [], ...rows] = [...table.querySelectorAll('tr')].map(cells)
  const said = head.map((_, i) => rows.some((r) => r[i]))
  return [head, ...rows].map((r) => r.filter((_, i) => said[i]))
}
