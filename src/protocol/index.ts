export { answerEnvelope, type AnswerEnvelope, requestEnvelope, type RequestEnvelope } from './envelope.ts'
export { type FailureBody, failureSchema } from './failure.ts'
export { cursorSchema, idSchema, seqSchema, timeSchema, versionSchema } from './ids.ts'
export { type Call, callSchema, type Mutation, mutationSchema } from './mutation.ts'
export { type Patch, patchSchema } from './patch.ts'
export { type Poke, type PokeRange, pokeRangeSchema, type PokeRequest, pokeRequestSchema, pokeSchema, pokeWakeSchema } from './poke.ts'
export {
  outcomes,
  type PullAnswer,
  pullAnswerSchema,
  pullLimit,
  type PullPage,
  pullPageSchema,
  type PullRequest,
  pullRequestSchema,
  type Refusal,
  refusalSchema,
  resetSchema,
} from './pull.ts'
export { type PushAnswer, pushAnswerSchema, pushLimits, type PushRequest, pushRequestSchema, type Verdict, verdictSchema } from './push.ts'
export {
  type SnapshotFoot,
  snapshotFootSchema,
  type SnapshotHead,
  snapshotHeadSchema,
  type SnapshotRequest,
  snapshotRequestSchema,
  type SnapshotRow,
  snapshotRowSchema,
} from './snapshot.ts'
export { PROTOCOL_VERSION } from './version.ts'
