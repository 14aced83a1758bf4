// Builds what a bench runs: the page's bundles, minified as an app would, and the host for Node.
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'vite'

const at = (path) => fileURLToPath(new URL(`../${path}`, import.meta.url))

const shared = {
  configFile: false,
  root: at('bench'),
  logLevel: 'warn',
  resolve: {
    alias: [
      { find: /^tidemark$/, replacement: at('src/index.ts') },
      { find: /^tidemark\/protocol$/, replacement: at('src/protocol/index.ts') },
      { find: /^tidemark\/server$/, replacement: at('src/server/index.ts') },
      { find: /^tidemark\/server\/(pglite|node)$/, replacement: at('src/server/$1.ts') },
    ],
  },
}

/** Builds into `folder`. Answers with where the bundles are, which of them a subject's page needs at once, and what `host.ts` exports. */
export async function buildBench(folder, { subjects, isMinified = true }) {
  const entry = Object.fromEntries(subjects.map(({ name, file }) => [`subject-${name}`, file]))
  const bundles = join(folder, 'page')
  const output = { entryFileNames: '[name].js', chunkFileNames: '[name].js' }
  const [{ output: chunks }] = await build({
    ...shared,
    define: { 'process.env.NODE_ENV': '"production"' },
    build: {
      emptyOutDir: true,
      outDir: bundles,
      target: 'es2022',
      minify: isMinified,
      lib: { formats: ['es'], entry: { page: at('bench/page.ts'), ...entry } },
      rolldownOptions: { output },
    },
  })
  await build({
    ...shared,
    ssr: { noExternal: ['valibot', '@preact/signals-core'] },
    build: { emptyOutDir: true, ssr: at('bench/host.ts'), outDir: join(folder, 'host'), target: 'node20', rolldownOptions: { output } },
  })
  const host = await import(join(folder, 'host', 'host.js'))
  return { bundles, preloadBySubject: findPreloads(chunks, subjects), ...host }
}

// page.js, the subject's own bundle, and what these import
function findPreloads(chunks, subjects) {
  const chunkByName = new Map(chunks.map((chunk) => [chunk.fileName, chunk]))
  const follow = (name, found = new Set()) => {
    if (found.has(name)) return found
    found.add(name)
    for (const imported of chunkByName.get(name)?.imports ?? []) follow(imported, found)
    return found
  }
  return Object.fromEntries(subjects.map(({ name }) => [name, [...new Set([...follow('page.js'), ...follow(`subject-${name}.js`)])]]))
}
