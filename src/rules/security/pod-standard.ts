/**
 * The Pod Security Standards of Kubernetes 1.36, levels `baseline` and `restricted`.
 *
 * Sources: https://kubernetes.io/docs/concepts/security/pod-security-standards/;
 * kubernetes/pod-security-admission@8f84a87 (2026-07-01), policy/check_*.go, at the versions that hold for 1.36 (the two
 * sysctls of 1.37 are not here).
 */

/** `capabilities.add` at level baseline. check_capabilities_baseline.go. */
export const BASELINE_CAPABILITIES = [
  "AUDIT_WRITE",
  "CHOWN",
  "DAC_OVERRIDE",
  "FOWNER",
  "FSETID",
  "KILL",
  "MKNOD",
  "NET_BIND_SERVICE",
  "SETFCAP",
  "SETGID",
  "SETPCAP",
  "SETUID",
  "SYS_CHROOT",
] as const;

/** `capabilities.add` at level restricted. check_capabilities_restricted.go. */
export const RESTRICTED_CAPABILITIES = ["NET_BIND_SERVICE"] as const;

/** `securityContext.sysctls[*].name`. check_sysctls.go, 1.32. */
export const SAFE_SYSCTLS = [
  "kernel.shm_rmid_forced",
  "net.ipv4.ip_local_port_range",
  "net.ipv4.tcp_syncookies",
  "net.ipv4.ping_group_range",
  "net.ipv4.ip_unprivileged_port_start",
  "net.ipv4.ip_local_reserved_ports",
  "net.ipv4.tcp_keepalive_time",
  "net.ipv4.tcp_fin_timeout",
  "net.ipv4.tcp_keepalive_intvl",
  "net.ipv4.tcp_keepalive_probes",
  "net.ipv4.tcp_rmem",
  "net.ipv4.tcp_wmem",
] as const;

/** `seLinuxOptions.type`; user and role must be empty. check_seLinuxOptions.go, 1.31. */
export const SELINUX_TYPES = ["", "container_t", "container_init_t", "container_kvm_t", "container_engine_t"] as const;

/** `seccompProfile.type` and `appArmorProfile.type`. check_seccompProfile_baseline.go, check_appArmorProfile.go. */
export const PROFILE_TYPES = ["RuntimeDefault", "Localhost"] as const;

/** Annotations of AppArmor before 1.30, one for each container. check_appArmorProfile.go. */
export const APPARMOR_ANNOTATION = "container.apparmor.security.beta.kubernetes.io/";

/** Volumes at level restricted. check_restrictedVolumes.go. */
export const RESTRICTED_VOLUMES = [
  "configMap",
  "csi",
  "downwardAPI",
  "emptyDir",
  "ephemeral",
  "image",
  "persistentVolumeClaim",
  "projected",
  "secret",
] as const;

/** Where probes and hooks can name another host than their pod. check_hostProbesAndhostLifecycle.go, 1.34. */
export const HOST_FIELDS = [
  "livenessProbe",
  "readinessProbe",
  "startupProbe",
  "lifecycle.postStart",
  "lifecycle.preStop",
].flatMap((handler) => [`${handler}.httpGet.host`, `${handler}.tcpSocket.host`]);
