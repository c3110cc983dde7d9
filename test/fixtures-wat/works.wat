;; Takes time of a core: counts down from what it is given.
(component
  (core module $m
    (func (export "work") (param $left i32) (result i32)
      (local $sum i32)
      (loop $again
        (local.set $sum (i32.xor (i32.mul (local.get $sum) (i32.const 31)) (local.get $left)))
        (local.set $left (i32.sub (local.get $left) (i32.const 1)))
        (br_if $again (local.get $left)))
      (local.get $sum)))
  (core instance $i (instantiate $m))
  (func (export "work") (param "rounds" u32) (result u32) (canon lift (core func $i "work"))))
