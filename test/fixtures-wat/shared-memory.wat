;; Shares its memory, which two limits cannot bound.
(component
  (core module $m
    (memory 1 2 shared)
    (func (export "f")))
  (core instance $i (instantiate $m))
  (func (export "f") (canon lift (core func $i "f"))))
