import { StrictMode } from 'react'
import { createRoot } from 'react-dom/client'
import { effect } from 'tidemark'
import { isPageKept, keepPage } from './keep-page.ts'
import { Page } from './page.tsx'

createRoot(document.getElementById('root') as HTMLElement).render(
  <StrictMode>
    <Page />
  </StrictMode>,
)
keepPage().catch(() => undefined) // a browser without service workers: the page needs the network, the data does not
effect(() => void (document.documentElement.dataset['kept'] = String(isPageKept.value)))
