import { type ReactNode, useState } from 'react'

const pages = [
  ['/', 'Two devices'],
  ['/app', 'App'],
  ['/places', 'Places'],
] as const
const themes = ['system', 'light', 'dark'] as const

/** What stands around every page: its name, the way to the others, the colours. */
export function Shell({ actions, children }: { readonly actions?: ReactNode; readonly children: ReactNode }) {
  return (
    <div className="shell">
      <header className="shell-head">
        <a className="brand" href="/">
          <img src="/harbour.svg" alt="" width="20" height="20" />
          <h1>Harbour</h1>
        </a>
        <nav aria-label="Pages">
          {pages.map(([path, name]) => (
            <a key={path} href={path} aria-current={location.pathname === path ? 'page' : undefined}>
              {name}
            </a>
          ))}
        </nav>
        <div className="shell-actions">
          {actions}
          <ThemeSwitch />
        </div>
      </header>
      <main>{children}</main>
    </div>
  )
}

function ThemeSwitch() {
  const [theme, setTheme] = useState(document.documentElement.dataset['theme'] ?? 'system')
  const choose = (next: string) => {
    document.documentElement.dataset['theme'] = next
    localStorage.setItem('harbour:theme', next)
    setTheme(next)
  }
  return (
    <select className="theme" aria-label="Colours" value={theme} onChange={(event) => choose(event.target.value)}>
      {themes.map((name) => (
        <option key={name} value={name}>
          {name[0]?.toUpperCase()}
          {name.slice(1)}
        </option>
      ))}
    </select>
  )
}
