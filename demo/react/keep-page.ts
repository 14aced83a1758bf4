import { signal } from 'tidemark'

/** Whether this page, as far as it is loaded, opens without a network. */
export const isPageKept = signal(false)

/** Has a service worker keep every file of this page, those that were loaded before the worker was there included. Raises where there are none. */
export async function keepPage(): Promise<void> {
  await navigator.serviceWorker.register('/sw.js')
  const { active } = await navigator.serviceWorker.ready
  let asked = 0
  const keep = (urls: readonly string[]) => {
    const { port1, port2 } = new MessageChannel()
    const mine = ++asked
    isPageKept.value = false
    port1.onmessage = () => (isPageKept.value = mine === asked)
    active?.postMessage(urls, [port2])
  }
  new PerformanceObserver((seen) => {
    const urls = seen.getEntries().flatMap(({ name }) => (isOfPage(name) ? [name] : []))
    if (urls.length > 0) keep(urls)
  }).observe({ type: 'resource', buffered: true })
  keep([new URL('/', location.href).href])
}

function isOfPage(url: string): boolean {
  const { origin, pathname } = new URL(url)
  return origin === location.origin && !/^\/(sync|demo)\//.test(pathname)
}
