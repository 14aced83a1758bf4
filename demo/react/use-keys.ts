import { type RefObject, useEffect, useEffectEvent } from 'react'

// Two trackers may stand on one page: keys go to the one that was used last.
let current: HTMLElement | null = null

/** Calls what belongs to a key, unless somebody is typing, or using another part of the page. */
export function useKeys(root: RefObject<HTMLElement | null>, actionsByKey: Readonly<Record<string, () => void>>): void {
  const onKey = useEffectEvent((event: KeyboardEvent) => {
    const action = actionsByKey[event.key]
    if (!action || event.ctrlKey || event.metaKey || event.altKey || current !== root.current || isTyping(event.target)) return
    event.preventDefault()
    action()
  })
  useEffect(() => {
    const element = root.current
    if (!element) return
    const listener = (event: KeyboardEvent) => onKey(event)
    const take = () => (current = element)
    if (!current?.isConnected) take()
    addEventListener('keydown', listener)
    element.addEventListener('focusin', take)
    element.addEventListener('pointerdown', take)
    return () => {
      if (current === element) current = null
      removeEventListener('keydown', listener)
      element.removeEventListener('focusin', take)
      element.removeEventListener('pointerdown', take)
    }
  }, [root])
}

/** Whether keys are text here, or move within a control of its own. */
export function isTyping(target: EventTarget | null): boolean {
  return target instanceof HTMLElement && target.closest('input:not([type=checkbox]), textarea, select, [role=listbox], dialog') !== null
}
