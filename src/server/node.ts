import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { TidemarkError } from '../errors.ts'

/** Where to listen. */
export interface ListenOptions {
  /** 0, the default, takes any that is free. */
  readonly port?: number
  /** Loopback unless said otherwise. */
  readonly host?: string
}

/** A listener at work. */
export interface Listening {
  /** Its address, without a slash at its end. */
  readonly url: string
  /** Takes no more requests and ends those under way; the server itself stays as it is. */
  close(): Promise<void>
}

/** Serves anything that answers web requests, as `createServer` does, over HTTP. Raises `server/config` where the address cannot be had. */
export async function listen(
  server: { fetch(request: Request): Promise<Response> },
  { port = 0, host = '127.0.0.1' }: ListenOptions = {},
): Promise<Listening> {
  const http = createServer((incoming, outgoing) => {
    serve(server, incoming, outgoing).catch(() => outgoing.destroy())
  })
  await new Promise<void>((resolve, reject) => {
    http.once('error', (cause) =>
      reject(
        new TidemarkError('server/config', {
          cause,
          details: { port, host },
          message: `Cannot listen on ${host}:${port}: ${cause.message}. Choose another port or host.`,
        }),
      ),
    )
    http.listen(port, host, resolve)
  })
  const address = http.address()
  const actual = typeof address === 'object' && address ? address.port : port
  return {
    url: `http://${host.includes(':') ? `[${host}]` : host}:${actual}`,
    close: () =>
      new Promise((resolve) => {
        http.close(() => resolve())
        http.closeAllConnections()
      }),
  }
}

async function serve(
  server: { fetch(request: Request): Promise<Response> },
  incoming: IncomingMessage,
  outgoing: ServerResponse,
): Promise<void> {
  const gone = new AbortController()
  outgoing.once('close', () => gone.abort())
  const request = toRequest(incoming, gone.signal)
  if (!request) return void outgoing.writeHead(400).end()
  const response = await server.fetch(request)
  outgoing.writeHead(response.status, Object.fromEntries(response.headers))
  outgoing.flushHeaders()
  if (response.body) await send(response.body, outgoing, gone.signal)
  outgoing.end()
}

function toRequest(incoming: IncomingMessage, signal: AbortSignal): Request | undefined {
  const method = incoming.method ?? 'GET'
  const url = `http://${incoming.headers.host ?? 'localhost'}${incoming.url ?? '/'}`
  // methods that the web's Request does not take
  if (!isPlain(url) || ['CONNECT', 'TRACE', 'TRACK'].includes(method)) return undefined
  const headers = new Headers()
  for (const [name, value] of Object.entries(incoming.headers)) for (const one of [value ?? []].flat()) headers.append(name, one)
  if (method === 'GET' || method === 'HEAD') return new Request(url, { method, headers, signal })
  return new Request(url, { method, headers, signal, body: readBody(incoming), duplex: 'half' } as RequestInit)
}

// Not Readable.toWeb: to stop reading it destroys the socket, and with it the answer that says why.
function readBody(incoming: IncomingMessage): ReadableStream<Uint8Array> {
  return new ReadableStream<Uint8Array>({
    start(controller) {
      incoming.on('data', (chunk: Uint8Array) => {
        controller.enqueue(new Uint8Array(chunk))
        if ((controller.desiredSize ?? 0) <= 0) incoming.pause()
      })
      incoming.once('end', () => controller.close())
      incoming.once('error', (error) => controller.error(error))
      incoming.pause()
    },
    pull: () => void incoming.resume(),
    cancel() {
      incoming.removeAllListeners('data').removeAllListeners('end')
      incoming.resume()
    },
  })
}

// the socket's pace is the stream's pace
async function send(body: ReadableStream<Uint8Array>, outgoing: ServerResponse, gone: AbortSignal): Promise<void> {
  const reader = body.getReader()
  gone.addEventListener('abort', () => void reader.cancel().catch(() => undefined), { once: true })
  while (!gone.aborted) {
    const { done, value } = await reader.read()
    if (done) return
    if (!outgoing.write(value)) await untilDrained(outgoing)
  }
}

function untilDrained(outgoing: ServerResponse): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      outgoing.off('drain', done).off('close', done)
      resolve()
    }
    outgoing.once('drain', done).once('close', done)
  })
}

// a Request takes no address with a name and a password in it
function isPlain(url: string): boolean {
  if (!URL.canParse(url)) return false
  const { username, password } = new URL(url)
  return username === '' && password === ''
}
