// wasi:http for one guest: requests that it makes (http-requests.ts) and requests that it serves (http-served.ts).

import type { HostCall } from '../host-call.js'
import type { SentRequest } from '../http-data.js'
import type { Recipes } from '../snapshot/recipes.js'
import type { ChannelParts } from './channel-input.js'
import { FutureTrailers, IncomingBody, OutgoingBody } from './http-bodies.js'
import { Fields } from './http-fields.js'
import { createRequests } from './http-requests.js'
import { createServed, type Serving } from './http-served.js'
import { RequestOptions } from './http-values.js'

type Interfaces = Record<string, Record<string, unknown>>

export interface Http {
  readonly interfaces: Interfaces
  serve(request: SentRequest): Serving
}

export function createHttp(parts: ChannelParts & { readonly call: HostCall; readonly recipes: Recipes }): Http {
  parts.recipes.addClass(Fields, (fields) => Fields.recipeOf(fields))
  parts.recipes.onMake('fields', (data) => Fields.fromRecipe(data))
  const { OutgoingRequest, FutureIncomingResponse, IncomingResponse } = createRequests(parts)
  const { IncomingRequest, OutgoingResponse, ResponseOutparam, serve } = createServed(parts)
  return {
    interfaces: {
      'wasi:http/types': {
        Fields,
        OutgoingRequest,
        RequestOptions,
        OutgoingResponse,
        ResponseOutparam,
        OutgoingBody,
        IncomingRequest,
        IncomingResponse,
        IncomingBody,
        FutureIncomingResponse,
        FutureTrailers,
        httpErrorCode: () => undefined,
      },
      'wasi:http/outgoing-handler': {
        handle: (request: InstanceType<typeof OutgoingRequest>, options: RequestOptions | undefined) =>
          OutgoingRequest.send(request, options),
      },
    },
    serve,
  }
}
