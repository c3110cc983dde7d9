;; A number of 53 bits for each 1,024 bytes of a guest's memory: 0 when all of them are 0, and never else. Four chains side
;; by side, because each waits for its own multiplication. The bytes of this text are in fingerprint.ts; a test compares.
(module
  (import "guest" "memory" (memory 0))
  (func (export "print") (param $at i32) (result f64)
    (local $end i32) (local $any i64)
    (local $a i64) (local $b i64) (local $c i64) (local $d i64)
    (local $w i64) (local $x i64) (local $y i64) (local $z i64)
    (local.set $end (i32.add (local.get $at) (i32.const 1024)))
    (local.set $a (i64.const 0x243F6A8885A308D3))
    (local.set $b (i64.const 0x13198A2E03707344))
    (local.set $c (i64.const 0x244F3A1D9B4C7E11))
    (local.set $d (i64.const 0x082EFA98EC4E6C89))
    (loop $next
      (local.set $w (i64.load (local.get $at)))
      (local.set $x (i64.load offset=8 (local.get $at)))
      (local.set $y (i64.load offset=16 (local.get $at)))
      (local.set $z (i64.load offset=24 (local.get $at)))
      (local.set $any (i64.or (local.get $any)
        (i64.or (i64.or (local.get $w) (local.get $x)) (i64.or (local.get $y) (local.get $z)))))
      (local.set $a (i64.mul (i64.xor (local.get $a) (local.get $w)) (i64.const 0x9E3779B97F4A7C15)))
      (local.set $b (i64.mul (i64.xor (local.get $b) (local.get $x)) (i64.const 0x9E3779B97F4A7C15)))
      (local.set $c (i64.mul (i64.xor (local.get $c) (local.get $y)) (i64.const 0x9E3779B97F4A7C15)))
      (local.set $d (i64.mul (i64.xor (local.get $d) (local.get $z)) (i64.const 0x9E3779B97F4A7C15)))
      ;; A product's high bits never reach its low ones by themselves.
      (local.set $a (i64.xor (local.get $a) (i64.shr_u (local.get $a) (i64.const 32))))
      (local.set $b (i64.xor (local.get $b) (i64.shr_u (local.get $b) (i64.const 32))))
      (local.set $c (i64.xor (local.get $c) (i64.shr_u (local.get $c) (i64.const 32))))
      (local.set $d (i64.xor (local.get $d) (i64.shr_u (local.get $d) (i64.const 32))))
      (local.set $at (i32.add (local.get $at) (i32.const 32)))
      (br_if $next (i32.lt_u (local.get $at) (local.get $end))))
    (if (i64.eqz (local.get $any)) (then (return (f64.const 0))))
    (local.set $a (i64.add
      (i64.mul (i64.xor (local.get $a) (i64.rotl (local.get $b) (i64.const 23))) (i64.const 0xBF58476D1CE4E5B9))
      (i64.mul (i64.xor (local.get $c) (i64.rotl (local.get $d) (i64.const 41))) (i64.const 0x94D049BB133111EB))))
    (local.set $a (i64.xor (local.get $a) (i64.shr_u (local.get $a) (i64.const 31))))
    (f64.convert_i64_u (i64.or (i64.const 1) (i64.shr_u
      (i64.mul (local.get $a) (i64.const 0x9E3779B97F4A7C15)) (i64.const 11))))))
