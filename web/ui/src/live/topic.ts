/** What a feed topic speaks of. */
export interface FeedTopic {
  site: string
  zone: string
  kind: string
  id: string
}

/** Reads gatehouse/v1/feed/{site}/{zone}/{kind}/{id}; null if it is something else. */
export function parseTopic(topic: string): FeedTopic | null {
  const parts = topic.split('/')
  if (parts.length !== 7 || parts[0] !== 'gatehouse' || parts[1] !== 'v1' || parts[2] !== 'feed') return null
  const [, , , site, zone, kind, id] = parts
  return { site: site!, zone: zone!, kind: kind!, id: id! }
}
