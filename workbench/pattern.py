"""placeholder"""
def parse(text): return text
