;; Writes the same line 200,000 times.
(component
  (import "wasi:logging/logging@0.1.0-draft" (instance $logging
    (type $level (enum "trace" "debug" "info" "warn" "error" "critical"))
    (export "level" (type $l (eq $level)))
    (export "log" (func (param "level" $l) (param "context" string) (param "message" string)))))
  (core module $libc
    (memory (export "memory") 1)
    (data (i32.const 0) "this line is written again and again"))
  (core instance $libc (instantiate $libc))
  (core func $log (canon lower (func $logging "log") (memory (core memory $libc "memory"))))
  (core module $m
    (import "logging" "log" (func $log (param i32 i32 i32 i32 i32)))
    (func (export "flood")
      (local $left i32)
      (local.set $left (i32.const 200000))
      (loop $again
        (call $log (i32.const 2) (i32.const 0) (i32.const 4) (i32.const 0) (i32.const 36))
        (local.set $left (i32.sub (local.get $left) (i32.const 1)))
        (br_if $again (local.get $left)))))
  (core instance $i (instantiate $m (with "logging" (instance (export "log" (func $log))))))
  (func (export "flood") (canon lift (core func $i "flood"))))
