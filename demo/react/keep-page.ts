import { signal } from 'tidemark'

/** Whether this page opens without a network. */
export const isPageKept = signal(false)

/** Has a service worker keep the page itself, all that is loaded of it so far included. Raises where there are no service workers. */
export async function keepPage(): Promise<void> {
  await navigator.serviceWorker.register('/sw.js')
  const { active } = await navigator.serviceWorker.ready
  const { port1, port2 } = new MessageChannel()
  port1.onmessage = () => {
    isPageKept.value = true
    document.documentElement.dataset['kept'] = 'true'
  }
  const loaded = performance.getEntriesByType('resource').map(({ name }) => name)
  const ours = loaded.filter((url) => url.startsWith(location.origin) && !/^\/(sync|demo)\//.test(new URL(url).pathname))
  active?.postMessage([...new Set(['/', ...ours])], [port2])
}
