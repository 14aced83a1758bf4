// Keeps the page itself: the newest copy of each file while there is a network, the last one seen when there is none.
// The data is not its business: `/sync` and `/demo` pass by.
const name = 'harbour-page'

addEventListener('install', () => skipWaiting())
addEventListener('activate', (event) => event.waitUntil(clients.claim()))

// The first page was loaded before this worker was there: it sends the names of what it has loaded.
addEventListener('message', (event) => {
  const keep = async () => {
    const cache = await caches.open(name)
    await Promise.all(event.data.map((url) => cache.add(ask(url)).catch(() => undefined)))
    event.ports[0].postMessage('kept')
  }
  event.waitUntil(keep())
})

addEventListener('fetch', (event) => {
  const { method, mode, url } = event.request
  const { origin, pathname } = new URL(url)
  if (method !== 'GET' || origin !== location.origin || /^\/(sync|demo)\//.test(pathname)) return
  event.respondWith(answer(event.request, mode === 'navigate' ? '/' : url))
})

// Vite answers by `accept`: a style sheet that is not asked for as one comes as a script.
function ask(url) {
  return new Request(url, { headers: { accept: /\.css(\?|$)/.test(url) ? 'text/css' : '*/*' } })
}

async function answer(request, key) {
  const cache = await caches.open(name)
  try {
    const response = await fetch(request)
    if (response.ok) await cache.put(key, response.clone())
    return response
  } catch (error) {
    const kept = await cache.match(key, { ignoreVary: true })
    if (kept) return kept
    throw error
  }
}
