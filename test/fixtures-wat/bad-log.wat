;; Writes half a million empty lines, one line of a megabyte, and lines in contexts that are members of every object.
(component
  (import "wasi:logging/logging@0.1.0-draft" (instance $logging
    (type $level (enum "trace" "debug" "info" "warn" "error" "critical"))
    (export "level" (type $l (eq $level)))
    (export "log" (func (param "level" $l) (param "context" string) (param "message" string)))))
  (core module $libc
    (memory (export "memory") 17)
    (data (i32.const 0) "__proto__constructortoString"))
  (core instance $libc (instantiate $libc))
  (core func $log (canon lower (func $logging "log") (memory (core memory $libc "memory"))))
  (core module $m
    (import "logging" "log" (func $log (param i32 i32 i32 i32 i32)))
    (func (export "nothing")
      (local $left i32)
      (local.set $left (i32.const 500000))
      (loop $again
        (call $log (i32.const 4) (i32.const 0) (i32.const 0) (i32.const 0) (i32.const 0))
        (local.set $left (i32.sub (local.get $left) (i32.const 1)))
        (br_if $again (local.get $left))))
    (func (export "megabyte")
      (call $log (i32.const 4) (i32.const 0) (i32.const 0) (i32.const 0) (i32.const 1048576)))
    (func (export "contexts")
      (call $log (i32.const 2) (i32.const 0) (i32.const 9) (i32.const 0) (i32.const 9))
      (call $log (i32.const 2) (i32.const 9) (i32.const 11) (i32.const 20) (i32.const 8)))
    (func (export "no-level")
      (call $log (i32.const 6) (i32.const 0) (i32.const 0) (i32.const 0) (i32.const 0))))
  (core instance $i (instantiate $m (with "logging" (instance (export "log" (func $log))))))
  (func (export "nothing") (canon lift (core func $i "nothing")))
  (func (export "megabyte") (canon lift (core func $i "megabyte")))
  (func (export "contexts") (canon lift (core func $i "contexts")))
  (func (export "no-level") (canon lift (core func $i "no-level"))))
