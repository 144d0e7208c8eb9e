"""What the fuzzer feeds: targets with seeds, and a mutation that knows tokens."""
