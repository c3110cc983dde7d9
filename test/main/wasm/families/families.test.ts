// Unmodified components of every family of tools, under plain Node. test/app/guest-families.test.ts does the same in Electron.

import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openTestRuntime, type TestRuntime } from '../open-test-runtime.js'
import { exerciseFamily, expectedReport } from './exercise.js'
import { families } from './guests.js'

describe('An unmodified component runs, is called and answers: one made of', () => {
  let runtime: TestRuntime

  beforeAll(async () => {
    runtime = await openTestRuntime({ withPrepared: false })
  })

  afterAll(async () => {
    await runtime.dispose()
  })

  it.each(Object.entries(families))(
    '%s',
    async (name, make) => {
      const { log, ...answers } = await exerciseFamily(runtime, await make())
      expect(answers).toEqual(expectedReport)
      // What C prints is a line of the log.
      expect(log).toEqual(name.startsWith('C ') ? ['shouting 11 characters'] : [])
    },
    240_000,
  )
})
