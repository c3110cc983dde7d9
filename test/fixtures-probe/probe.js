// A guest that tries everything around it. Written for componentize-qjs; built by the test that uses it.

import environment from 'wasi:cli/environment@0.2.0'
import stdin from 'wasi:cli/stdin@0.2.0'
import stdout from 'wasi:cli/stdout@0.2.0'
import stderr from 'wasi:cli/stderr@0.2.0'
import exit from 'wasi:cli/exit@0.2.0'
import random from 'wasi:random/random@0.2.0'
import wallClock from 'wasi:clocks/wall-clock@0.2.0'
import monotonicClock from 'wasi:clocks/monotonic-clock@0.2.0'
import poll from 'wasi:io/poll@0.2.0'
import preopens from 'wasi:filesystem/preopens@0.2.0'
import instanceNetwork from 'wasi:sockets/instance-network@0.2.0'
import tcpCreateSocket from 'wasi:sockets/tcp-create-socket@0.2.0'
import ipNameLookup from 'wasi:sockets/ip-name-lookup@0.2.0'
import outgoingHandler from 'wasi:http/outgoing-handler@0.2.0'
import types from 'wasi:http/types@0.2.0'
import config from 'wasi:config/store@0.2.0-draft'
import answers from 'demo:far/answers@0.1.0'

const bytesOf = (text) => Uint8Array.from([...text].map((letter) => letter.charCodeAt(0)))
const elapsedMs = (since) => Number(monotonicClock.now() - since) / 1e6

/** What an attempt gives, or the error of its `result`. */
function attempt(act) {
  try {
    return { got: act() }
  } catch (error) {
    return { err: error?.payload ?? String(error?.message ?? error) }
  }
}

const looks = {
  environment: () => [environment.getEnvironment(), environment.getArguments(), environment.initialCwd()],
  directories: () => preopens.getDirectories().length,
  stdin: () => attempt(() => [...stdin.getStdin().blockingRead(10)]),
  random: () => [[...random.getRandomBytes(16)], String(random.getRandomU64())],
  time: () => Number(wallClock.now().seconds),
  output: () => {
    stdout.getStdout().blockingWriteAndFlush(bytesOf('to stdout\nand a tail'))
    stderr.getStderr().blockingWriteAndFlush(bytesOf('to stderr\n'))
    return 'written'
  },
  block: () => {
    const since = monotonicClock.now()
    monotonicClock.subscribeDuration(80_000_000).block()
    return elapsedMs(since)
  },
  poll: () => {
    const since = monotonicClock.now()
    const timers = [monotonicClock.subscribeDuration(60_000_000_000), monotonicClock.subscribeDuration(50_000_000)]
    return { ready: [...poll.poll(timers)], ms: elapsedMs(since) }
  },
  tcp: () => attempt(() => tcpCreateSocket.createTcpSocket('ipv4') !== undefined),
  lookup: () => attempt(() => ipNameLookup.resolveAddresses(instanceNetwork.instanceNetwork(), 'localhost')),
  http: () => attempt(() => outgoingHandler.handle(new types.OutgoingRequest(new types.Fields()), null)),
  config: () => [config.get('greeting'), config.get('absent'), config.getAll()],
  exit: () => exit.exit({ tag: 'err' }),
  throws: () => {
    throw new Error('on purpose')
  },
  ask: () =>
    attempt(() => {
      const answer = answers.ask('how large?', [1, 2, 65_535])
      return { ...answer, sizes: [...answer.sizes], ids: [...answer.ids].map(String) }
    }),
}

export const look = (what) => JSON.stringify(looks[what]?.() ?? null)
