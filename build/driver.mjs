// What Playwright needs to drive Electron without a race, for tests and for the pictures of README.

import path from 'node:path'
import { packageFolder } from './paths.mjs'

/**
 * Arguments of Electron that come before all others: Playwright's own way to hold `ready` until it has attached. It leaves
 * it out when it is told which executable to run, and then a window that opens while it attaches can make `launch` wait for
 * ever (seen once in about 25 starts on a busy machine).
 */
export const holdReady = () => ['-r', path.join(packageFolder('playwright-core'), 'lib/server/electron/loader.js')]
