export {
  type DestinationSnapshot,
  type DestinationState,
  destinationSnapshotSchema,
  destinationStateSchema,
} from './destination.ts'
export {
  type ClusterSnapshot,
  type ClusterStatus,
  clusterStatusSchema,
  type FleetEvent,
  type FleetSnapshot,
  fleetSnapshotSchema,
  type Rejection,
} from './fleet.ts'
