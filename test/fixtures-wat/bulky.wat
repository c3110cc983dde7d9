;; Takes and gives bytes: as many as it is asked for, back what it was given, or hands them to somebody else.
(component
  (import "demo:far/store@0.1.0" (instance $far
    (export "put" (func (param "bytes" (list u8)) (result (result u32 (error string)))))))
  (core module $libc
    (memory (export "memory") 1)
    (global $next (mut i32) (i32.const 1024))
    ;; Everything is given back at once after each call.
    (func (export "realloc") (param i32 i32 i32 i32) (result i32)
      (local $at i32)
      (local.set $at (i32.and (i32.add (global.get $next) (i32.const 7)) (i32.const -8)))
      (global.set $next (i32.add (local.get $at) (local.get 3)))
      (block $fits
        (br_if $fits (i32.le_u (global.get $next) (i32.mul (memory.size) (i32.const 65536))))
        (drop (memory.grow (i32.add (i32.div_u (local.get 3) (i32.const 65536)) (i32.const 1)))))
      (local.get $at))
    (func (export "reset") (param i32) (global.set $next (i32.const 1024))))
  (core instance $libc (instantiate $libc))
  (core func $put (canon lower (func $far "put")
    (memory (core memory $libc "memory")) (realloc (core func $libc "realloc"))))
  (core module $m
    (import "libc" "memory" (memory 1))
    (import "libc" "realloc" (func $realloc (param i32 i32 i32 i32) (result i32)))
    (import "far" "put" (func $put (param i32 i32 i32)))
    (func $pair (param $at i32) (param $length i32) (result i32)
      (i32.store (i32.const 16) (local.get $at))
      (i32.store (i32.const 20) (local.get $length))
      (i32.const 16))
    (func (export "make") (param i32) (result i32)
      (call $pair (call $realloc (i32.const 0) (i32.const 0) (i32.const 1) (local.get 0)) (local.get 0)))
    (func (export "echo") (param i32 i32) (result i32) (call $pair (local.get 0) (local.get 1)))
    ;; 1 when it was taken, 0 when there was an error.
    (func (export "hand-on") (param i32) (result i32)
      (call $put
        (call $realloc (i32.const 0) (i32.const 0) (i32.const 1) (local.get 0)) (local.get 0) (i32.const 32))
      (i32.eqz (i32.load8_u (i32.const 32)))))
  (core instance $i (instantiate $m
    (with "libc" (instance $libc))
    (with "far" (instance (export "put" (func $put))))))
  (func (export "make") (param "length" u32) (result (list u8)) (canon lift (core func $i "make")
    (memory (core memory $libc "memory")) (post-return (core func $libc "reset"))))
  (func (export "echo") (param "bytes" (list u8)) (result (list u8)) (canon lift (core func $i "echo")
    (memory (core memory $libc "memory")) (realloc (core func $libc "realloc"))
    (post-return (core func $libc "reset"))))
  (func (export "hand-on") (param "length" u32) (result u32) (canon lift (core func $i "hand-on"))))
