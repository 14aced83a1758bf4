import { lazy, StrictMode, Suspense } from 'react'
import { createRoot } from 'react-dom/client'
import { effect } from 'tidemark'
import { isPageKept, keepPage } from './keep-page.ts'
import { Toasts } from './toast.tsx'

// Each page has devices of its own, switched on when its file is loaded.
const pages: Readonly<Record<string, () => Promise<{ default: () => React.ReactNode }>>> = {
  '/app': async () => ({ default: (await import('./app.tsx')).App }),
  '/places': async () => ({ default: (await import('./places.tsx')).Places }),
}
const home = async () => ({ default: (await import('./home.tsx')).Home })
const Page = lazy(pages[location.pathname] ?? home)

createRoot(document.getElementById('root') as HTMLElement).render(
  <StrictMode>
    <Suspense>
      <Page />
    </Suspense>
    <Toasts />
  </StrictMode>,
)
keepPage().catch(() => undefined) // a browser without service workers: the page needs the network, the data does not
effect(() => void (document.documentElement.dataset['kept'] = String(isPageKept.value)))
