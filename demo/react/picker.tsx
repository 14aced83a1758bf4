import { useEffect, useRef } from 'react'
import { choices, type Property } from './words.ts'

interface PickerProps {
  readonly property: Property
  readonly onPick: (index: number) => void
  readonly onClose: () => void
}

/** A menu of what a property may be: arrows move, digits and Enter choose, Escape leaves. */
export function Picker({ property, onPick, onClose }: PickerProps) {
  const menu = useRef<HTMLDivElement>(null)
  const focus = (index: number) => (menu.current?.children[index] as HTMLElement | undefined)?.focus()
  useEffect(() => focus(0), [])
  const onKey = (event: React.KeyboardEvent) => {
    const count = choices[property].length
    const index = [...(menu.current?.children ?? [])].indexOf(document.activeElement as Element)
    if (event.key === 'Escape') onClose()
    else if (event.key === 'ArrowDown' || event.key === 'j') focus((index + 1) % count)
    else if (event.key === 'ArrowUp' || event.key === 'k') focus((index + count - 1) % count)
    else if (/^[1-9]$/.test(event.key) && Number(event.key) <= count) onPick(Number(event.key) - 1)
    else return
    event.preventDefault()
    event.stopPropagation()
  }
  return (
    <div
      className="floating picker"
      role="listbox"
      aria-label={`Set ${property}`}
      ref={menu}
      onKeyDown={onKey}
      onBlur={(event) => !event.currentTarget.contains(event.relatedTarget) && onClose()}
    >
      {choices[property].map(([, name], index) => (
        <button key={name} type="button" role="option" aria-selected={false} onClick={() => onPick(index)}>
          {name}
          <kbd>{index + 1}</kbd>
        </button>
      ))}
    </div>
  )
}
