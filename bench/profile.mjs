// What a page's scripts spent their time in, by function, as the browser sampled it.

const shown = 25

/** Prints the functions that ran longest, themselves and with all that they called. */
export function printProfile(title, { nodes, samples, timeDeltas }) {
  const nodeById = new Map(nodes.map((node) => [node.id, node]))
  const parentById = new Map(nodes.flatMap(({ id, children = [] }) => children.map((child) => [child, id])))
  const costs = new Map()
  const costOf = (node) => {
    const { functionName, url, lineNumber } = node.callFrame
    const name = `${functionName || '(anonymous)'} ${url.replace(/^.*\//, '')}:${lineNumber + 1}`
    const cost = costs.get(name) ?? { name, own: 0, whole: 0 }
    costs.set(name, cost)
    return cost
  }
  for (const [i, id] of samples.entries()) {
    const ms = timeDeltas[i] / 1000
    costOf(nodeById.get(id)).own += ms
    const met = new Set()
    for (let at = id; at !== undefined; at = parentById.get(at)) met.add(costOf(nodeById.get(at)))
    for (const cost of met) cost.whole += ms
  }
  console.log(`\n${title}\n${'own ms'.padStart(10)}${'all ms'.padStart(10)}`)
  const busy = [...costs.values()].filter(({ name }) => !/^\((root|idle|program)\)/.test(name))
  for (const { name, own, whole } of busy.sort((a, b) => b.own - a.own).slice(0, shown))
    console.log(`${own.toFixed(1).padStart(10)}${whole.toFixed(1).padStart(10)}  ${name}`)
}
