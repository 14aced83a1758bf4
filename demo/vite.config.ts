// How the demo's page is served. The doors of the package stand for their sources, so that a change in src shows at once.
import { fileURLToPath } from 'node:url'
import react from '@vitejs/plugin-react'
import { defineConfig, type UserConfig } from 'vite'

const at = (path: string) => fileURLToPath(new URL(path, import.meta.url))

const config: UserConfig = defineConfig({
  root: at('.'),
  cacheDir: at('../node_modules/.vite/demo'),
  plugins: [react()],
  resolve: {
    alias: [
      { find: /^tidemark$/, replacement: at('../src/index.ts') },
      { find: /^tidemark\/react$/, replacement: at('../bindings/react/index.ts') },
      { find: /^tidemark\/protocol$/, replacement: at('../src/protocol/index.ts') },
      { find: /^tidemark\/server$/, replacement: at('../src/server/index.ts') },
      { find: /^tidemark\/server\/(pglite|postgres|node)$/, replacement: at('../src/server/$1.ts') },
    ],
  },
  // Named beforehand: what is found later makes the page load a second time.
  optimizeDeps: {
    noDiscovery: true,
    include: [
      'react',
      'react-dom',
      'react-dom/client',
      'react/jsx-runtime',
      'react/jsx-dev-runtime',
      '@tanstack/react-virtual',
      '@preact/signals-core',
      'dexie',
      'valibot',
    ],
  },
  server: {
    fs: { allow: [at('..')] },
    warmup: { clientFiles: ['react/main.tsx'] },
    // WATCH=0: the page stays as it is while its sources change
    ...(process.env.WATCH === '0' ? { watch: null } : {}),
  },
  build: { outDir: at('../dist/demo') },
})
export default config
