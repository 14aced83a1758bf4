import { lazy, type ReactNode, Suspense } from 'react'
import { Toasts } from './toast.tsx'

// Each page has devices of its own, switched on when its file is loaded.
const pages: Readonly<Record<string, () => Promise<{ default: () => ReactNode }>>> = {
  '/app': async () => ({ default: (await import('./app.tsx')).App }),
  '/places': async () => ({ default: (await import('./places.tsx')).Places }),
}
const home = async () => ({ default: (await import('./home.tsx')).Home })
const Current = lazy(pages[location.pathname] ?? home)

/** The page that the address names. */
export function Page() {
  return (
    <>
      <Suspense>
        <Current />
      </Suspense>
      <Toasts />
    </>
  )
}
