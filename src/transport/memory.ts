import type { HeadersSource } from './exchange.ts'
import { http } from './http.ts'
import type { Connect } from './transport.ts'

/** Anything that answers requests, as `createServer` does. */
export interface RequestServer {
  fetch(request: Request): Promise<Response>
}

/** The transport to a server in the same process: no network, and the very same messages through the same parsing as `http`. */
export function memory(
  server: RequestServer,
  options: { readonly headers?: HeadersSource; readonly timeoutMs?: number; readonly poke?: 'sse' | 'none' } = {},
): Connect {
  return http({ ...options, url: 'http://memory.invalid', fetch: (url, init) => server.fetch(new Request(url, init)) })
}
