// The stream behind a bucket, made when it is missing and left alone when it is there. The client would make it too, but
// lets single values be deleted from the stream, which v1 hosts and every other client forbid (lattice.md 4.1).

import type { DiscardPolicy, JetStreamManager, RetentionPolicy, StorageType } from 'nats'

const notFound = 404

export async function ensureBucketStream(manager: JetStreamManager, bucket: string, history: number): Promise<void> {
  const name = `KV_${bucket}`
  try {
    await manager.streams.info(name)
    return
  } catch (error) {
    const { api_error: api } = (error ?? {}) as { api_error?: { code?: number } } // the field is checked
    if (api?.code !== notFound) throw error
  }
  // The enums of the client are of values that only its connection may import: these are their texts.
  await manager.streams.add({
    name,
    subjects: [`$KV.${bucket}.>`],
    max_msgs_per_subject: history,
    storage: 'file' as StorageType,
    retention: 'limits' as RetentionPolicy,
    discard: 'new' as DiscardPolicy,
    num_replicas: 1,
    max_age: 0,
    max_bytes: -1,
    max_msg_size: -1,
    max_msgs: -1,
    allow_rollup_hdrs: true,
    deny_delete: true,
    deny_purge: false,
    allow_direct: true,
  })
}
