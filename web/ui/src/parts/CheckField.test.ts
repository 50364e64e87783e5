import { mount } from '@vue/test-utils'
import { expect, test } from 'vitest'
import CheckField from './CheckField.vue'

test('some of several are chosen, and the form asks for one while there is none', async () => {
  const w = mount(CheckField, {
    props: {
      legend: 'Sites',
      options: ['north', 'south'],
      word: (o: string) => o.toUpperCase(),
      modelValue: [] as string[],
      'onUpdate:modelValue': (chosen: string[]) => void w.setProps({ modelValue: chosen }),
    },
  })
  const boxes = () => w.findAll<HTMLInputElement>('input')
  expect(w.findAll('label').map((l) => l.text())).toEqual(['NORTH', 'SOUTH'])
  expect(boxes().map((b) => b.element.required)).toEqual([true, true])
  await boxes()[1]!.setValue(true)
  expect(w.props('modelValue')).toEqual(['south'])
  expect(boxes().map((b) => b.element.required)).toEqual([false, false])
  await boxes()[1]!.setValue(false)
  expect(w.props('modelValue')).toEqual([])
})
