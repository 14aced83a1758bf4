// `npm start`: the demo's page and the reference server in one process, on one port.
//
//   /sync/*   the reference server on embedded PGlite      DATA_DIR       where its data is (.data)
//   /demo/*   the demo's own: filling the world            PORT           5173, or the next one that is free
//   else      the page, by Vite                            DATABASE_URL   a PostgreSQL that keeps the data instead
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer as createHttpServer } from 'node:http'
import { join, relative, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { toNodeHandler } from 'srvx/node'
import { createServer as createVite } from 'vite'

const root = fileURLToPath(new URL('..', import.meta.url))
const folder = resolve(root, process.env.DATA_DIR || '.data')
const addressFile = join(folder, 'address')
const host = process.env.HOST || '127.0.0.1'
const wantedPort = Number(process.env.PORT || 5173)
const databaseUrl = process.env.DATABASE_URL

if (!Number.isInteger(wantedPort) || wantedPort < 0 || wantedPort > 65_535)
  fail(`PORT is not a port: ${process.env.PORT}. Give a number up to 65535.`)
mkdirSync(folder, { recursive: true })

const http = createHttpServer()
const vite = await createVite({
  configFile: fileURLToPath(new URL('vite.config.ts', import.meta.url)),
  appType: 'spa',
  server: { middlewareMode: true, ws: { server: http } },
})
const database = await (databaseUrl ? openPostgres(databaseUrl) : openPglite())
const { openHarbour } = await vite.ssrLoadModule('/server.ts')
const { readPlaces } = await vite.ssrLoadModule('/places.ts')
const harbour = await openHarbour(database, readPlaces)
const answer = toNodeHandler(harbour.fetch)

// Our own routes come before Vite's, so that nothing between them and the browser holds a stream back.
http.on('request', (request, response) => {
  if (/^\/(sync|demo)\//.test(request.url)) void answer(request, response).catch(() => response.destroy())
  else {
    // a page's address is no file: asked by a service worker, Vite takes `/places` for places.ts
    if (/^\/(app|places)(\?|$)/.test(request.url)) request.url = '/'
    vite.middlewares(request, response)
  }
})
for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => void stop())
const port = await listen(wantedPort)
const address = `http://${host === '127.0.0.1' ? 'localhost' : host}:${port}`
writeFileSync(addressFile, address)
if (wantedPort !== 0 && port !== wantedPort) console.log(`Port ${wantedPort} is taken; this is the next one that is free.`)
console.log(`Harbour is ready after ${(process.uptime()).toFixed(1)} s at ${address}`)
console.log(`  ${address}/        two devices, side by side`)
console.log(`  ${address}/app     one, as people would use it`)
console.log(`  ${address}/places  171,075 places, searched offline`)
console.log(`Its data is in ${databaseUrl ? showUrl(databaseUrl) : relative(process.cwd(), folder) || '.'}. Ctrl+C stops it.`)

async function openPglite() {
  const { pglite } = await vite.ssrLoadModule('tidemark/server/pglite')
  try {
    const opened = await pglite(join(folder, 'db'))
    await opened.secret()
    return opened
  } catch (error) {
    if (error.code !== 'server/datadir-locked') return fail(`${error.code ?? ''} ${error.message}`)
    return fail(
      `The data folder ${folder} is in use (${error.code}): Harbour runs already${runningAt()}. Use that one, stop it, or set DATA_DIR.`,
    )
  }
}

async function openPostgres(url) {
  const { postgres } = await vite.ssrLoadModule('tidemark/server/postgres')
  try {
    const opened = postgres(url)
    await opened.secret()
    return opened
  } catch (error) {
    // what failed first: beneath, where several addresses were tried, and several times
    const cause = error.cause?.errors?.[0] ?? error.cause ?? error
    return fail(
      `DATABASE_URL (${showUrl(url)}) cannot be used (server/config): ${cause.message.split('\n')[0]}. Correct it, or unset it for embedded PGlite.`,
    )
  }
}

// Without the password, and without parameters, which may hold one.
function showUrl(url) {
  try {
    const { protocol, username, host, pathname } = new URL(url)
    return `${protocol}//${username && `${username}@`}${host}${pathname}`
  } catch {
    return 'not a URL'
  }
}

function runningAt() {
  try {
    return ` at ${readFileSync(addressFile, 'utf8')}`
  } catch {
    return ''
  }
}

/** Listens on the port, or on the next one that is free. */
async function listen(first) {
  for (let port = first; ; port++) {
    const error = await new Promise((resolve) => {
      http.once('error', resolve)
      http.listen(port, host, () => {
        http.off('error', resolve)
        resolve(undefined)
      })
    })
    if (!error) return http.address().port
    if (error.code !== 'EADDRINUSE' || port >= first + 100) fail(`Cannot listen on port ${port}: ${error.message}`)
  }
}

async function stop() {
  rmSync(addressFile, { force: true })
  http.closeAllConnections()
  http.close()
  await vite.close()
  await harbour.close()
  process.exit(0)
}

function fail(message) {
  console.error(message.trim())
  process.exit(1)
}
