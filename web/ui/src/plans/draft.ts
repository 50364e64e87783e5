import { computed, ref, shallowRef } from 'vue'
import { api } from '@/api/endpoints'
import { asProblem } from '@/api/problem'
import type { Plan } from '@/api/types'
import { devices } from '@/live/state'
import { useRun } from '@/parts/run'
import { placed, same, turned, without, type Pin } from './pins'

/**
 * An edit of the places on a plan. Nothing counts before it is saved, and what somebody else saved meanwhile is not
 * overwritten unless whoever edits says so: until then nothing of theirs is lost either.
 */
export function useDraft(kept: (p: Plan) => unknown) {
  const plan = shallowRef<Plan>()
  const pins = shallowRef<readonly Pin[]>([])
  const selected = ref('')
  const { busy, error, run } = useRun()
  const dirty = computed(() => plan.value !== undefined && !same(plan.value.pins, pins.value))
  const conflict = computed(() => error.value !== undefined && asProblem(error.value).code === 'conflict')

  function begin(p: Plan): void {
    plan.value = p
    pins.value = p.pins
    selected.value = ''
    error.value = undefined
  }

  function end(): void {
    plan.value = undefined
    error.value = undefined
  }

  const save = () =>
    run(async () => {
      const { id, revision: base, name } = plan.value!
      const saved = await api.changePlan(id, { base, name, pins: [...pins.value] })
      end()
      kept(saved)
    })

  /** What everybody else sees by now. */
  const newest = async () => (await api.plans()).plans.find((p) => p.id === plan.value!.id)

  /** Goes on from what somebody else saved; what was changed here is dropped. */
  const takeTheirs = () =>
    run(async () => {
      const now = await newest()
      if (now) {
        kept(now)
        begin(now)
      } else end()
    })

  /** Saves over what somebody else saved, without devices that are not there any more. */
  async function keepMine(): Promise<void> {
    await run(async () => {
      plan.value = (await newest()) ?? plan.value
      pins.value = pins.value.filter((p) => devices.get(p.device)?.site === plan.value!.site)
    })
    if (!error.value) await save()
  }

  return {
    plan,
    pins,
    selected,
    dirty,
    busy,
    error,
    conflict,
    begin,
    end,
    save,
    takeTheirs,
    keepMine,
    place: (device: string, x: number, y: number) => (pins.value = placed(pins.value, device, x, y)),
    turn: (device: string, to: number | null) => (pins.value = turned(pins.value, device, to)),
    take: (device: string) => (pins.value = without(pins.value, device)),
  }
}

export type Draft = ReturnType<typeof useDraft>
