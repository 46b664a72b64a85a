export {
  type ClusterSnapshot,
  type ClusterStatus,
  clusterSnapshotSchema,
  clusterStatusSchema,
  type FleetEvent,
  type FleetSnapshot,
  fleetEventSchema,
  fleetSnapshotSchema,
  refusalSchema,
} from './fleet.ts'
